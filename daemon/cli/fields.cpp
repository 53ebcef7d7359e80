#include "cli/fields.hpp"

#include "cli/human.hpp"

namespace actord::host {

using nlohmann::json;

const json& member_of(const json& object, const char* name) {
  static const json missing;
  if (!object.is_object()) return missing;
  const auto found = object.find(name);
  return found == object.end() ? missing : *found;
}

std::string text_of(const json& object, const char* name) {
  const json& value = member_of(object, name);
  if (value.is_string()) return printable(value.get_ref<const std::string&>());
  return value.is_null() ? "" : printable(compact(value));
}

std::string raw_text_of(const json& object, const char* name) {
  const json& value = member_of(object, name);
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? "" : compact(value);
}

uint64_t number_of(const json& object, const char* name) {
  const json& value = member_of(object, name);
  if (value.is_number_unsigned()) return value.get<uint64_t>();
  const int64_t number = signed_of(object, name);
  return number > 0 ? static_cast<uint64_t>(number) : 0;
}

int64_t signed_of(const json& object, const char* name) {
  const json& value = member_of(object, name);
  return value.is_number_integer() ? value.get<int64_t>() : 0;
}

bool flag_of(const json& object, const char* name) {
  const json& value = member_of(object, name);
  return value.is_boolean() && value.get<bool>();
}

std::vector<json> list_of(const json& object, const char* name) {
  const json& value = member_of(object, name);
  return value.is_array() ? value.get<std::vector<json>>() : std::vector<json>();
}

std::string compact(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string indented(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace);
}

}  // namespace actord::host
