#include "cli/message_argument.hpp"

#include <iterator>
#include <nlohmann/json.hpp>

#include "base/limits.hpp"
#include "cli/human.hpp"

namespace actord::host {

Result<MessageArgument> MessageArgument::parse(const std::string& text, std::istream& in) {
  const std::string whole =
      text == "-" ? std::string(std::istreambuf_iterator<char>(in), {}) : text;
  const auto bad = [&](const std::string& why) {
    return Error{ACTORD_E_INVALID,
                 "the message " + why + ", got: " + shortened(first_line(whole), 60) +
                     "\nwrite it in single quotes: '{\"type\":\"order.New\",\"total\":12}'"};
  };
  if (whole.size() > limits::kPayloadBytes) {
    return Error{ACTORD_E_LIMIT, "the message has " + bytes_text(whole.size()) + ", at most " +
                                     bytes_text(limits::kPayloadBytes) +
                                     " are taken; send the name of a file"};
  }
  const auto value = nlohmann::json::parse(whole, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return bad("is not valid JSON");
  if (!value.is_object()) return bad("must be a JSON object");
  const auto type = value.find("type");
  if (type == value.end()) return bad("needs a \"type\"");
  if (!type->is_string() || type->get_ref<const std::string&>().empty()) {
    return bad("needs a \"type\" that is a string and not empty");
  }
  return MessageArgument{type->get<std::string>(), whole};
}

}  // namespace actord::host
