#include "topology/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.hpp"
#include "core/actor_path.hpp"
#include "topology/fields.hpp"
#include "topology/quantity.hpp"
#include "topology/suggestion.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// A number as JSON writes it: no leading zero, no sign '+', no hexadecimal.
std::optional<json> number_of(const std::string& text) {
  const size_t digits = text.starts_with('-') ? 1 : 0;
  if (digits == text.size() || text[digits] < '0' || text[digits] > '9') return std::nullopt;
  if (text[digits] == '0' && digits + 1 < text.size() && text[digits + 1] >= '0' &&
      text[digits + 1] <= '9') {
    return std::nullopt;
  }
  const char* end = text.data() + text.size();
  int64_t integer = 0;
  if (const auto [at, code] = std::from_chars(text.data(), end, integer);
      code == std::errc{} && at == end) {
    return json(integer);
  }
  double number = 0;
  const auto [at, code] = std::from_chars(text.data(), end, number);
  if (code != std::errc{} || at != end || !std::isfinite(number)) return std::nullopt;
  return json(number);
}

// A value that no schema describes: inside arrays and objects.
json untyped(const Node& node) {
  switch (node.type) {
    case Node::Type::kNull: return nullptr;
    case Node::Type::kSequence: {
      json list = json::array();
      for (const NodePtr& item : node.items) list.push_back(untyped(*item));
      return list;
    }
    case Node::Type::kMap: {
      json map = json::object();
      for (const Entry& entry : node.entries) map[entry.key] = untyped(*entry.value);
      return map;
    }
    case Node::Type::kScalar: break;
  }
  if (node.quoted || node.substituted) return node.text;
  if (node.text == "true" || node.text == "false") return node.text == "true";
  if (auto number = number_of(node.text)) return *number;
  return node.text;
}

// A limit or default of a manifest: a quantity may be written as text there, too.
json normal(const SettingSchema& schema, const json& value) {
  if (!value.is_string()) return value;
  const auto text = value.get<std::string>();
  if (schema.type == "duration") {
    if (const auto ms = parse_duration(text)) return *ms;
  } else if (schema.type == "size") {
    if (const auto bytes = parse_size(text)) return *bytes;
  }
  return value;
}

std::string limit_text(const SettingSchema& schema, const json& limit) {
  const json value = normal(schema, limit);
  if (value.is_number_unsigned() && schema.type == "duration")
    return duration_text(value.get<uint64_t>());
  if (value.is_number_unsigned() && schema.type == "size") return size_text(value.get<uint64_t>());
  return dumped(value);
}

std::string noun(const SettingSchema& schema) {
  if (!schema.one_of.empty()) return "one of " + joined(schema.one_of);
  if (schema.type == "integer") return "an integer";
  if (schema.type == "number") return "a number";
  if (schema.type == "boolean") return "true or false";
  if (schema.type == "duration") return "a duration like 250ms";
  if (schema.type == "size") return "a size like 64KiB";
  if (schema.type == "array") return "a list";
  if (schema.type == "object") return "a map";
  if (schema.type == "path") return "an actor's path like /orders/ledger";
  return "a text";
}

// "an integer 1..500"
std::string wanted(const SettingSchema& schema) {
  std::string text = noun(schema);
  if (!schema.min.is_null() || !schema.max.is_null()) text = text.substr(0, text.find(" like "));
  const bool counted = schema.type == "string" || schema.type == "array";
  const bool low = !schema.min.is_null(), high = !schema.max.is_null();
  if (!low && !high) return text;
  if (counted) text += schema.type == "string" ? " of length" : " with";
  if (low && high) {
    text += " " + limit_text(schema, schema.min) + ".." + limit_text(schema, schema.max);
  } else {
    text += low ? " of at least " + limit_text(schema, schema.min)
                : " of at most " + limit_text(schema, schema.max);
  }
  if (counted && schema.type == "array") text += " entries";
  return text;
}

size_t characters(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
  }));
}

bool within(const SettingSchema& schema, const json& value) {
  json measure = value;
  if (value.is_string()) measure = characters(value.get<std::string>());
  if (value.is_array() || value.is_object()) measure = value.size();
  if (!measure.is_number()) return true;
  const json low = normal(schema, schema.min), high = normal(schema, schema.max);
  return !(low.is_number() && measure < low) && !(high.is_number() && measure > high);
}

// Nothing: the value does not fit the type.
std::optional<json> typed(const SettingSchema& schema, const Node& node) {
  if (schema.type == "array")
    return node.type == Node::Type::kSequence ? std::optional(untyped(node)) : std::nullopt;
  if (schema.type == "object")
    return node.type == Node::Type::kMap ? std::optional(untyped(node)) : std::nullopt;
  if (node.type != Node::Type::kScalar) return std::nullopt;
  if (schema.type == "duration" || schema.type == "size") {
    const auto value = schema.type == "size" ? parse_size(node.text) : parse_duration(node.text);
    return value ? std::optional<json>(*value) : std::nullopt;
  }
  if (schema.type == "path") {
    const auto path = ActorPath::parse(node.text);
    return path && !path->is_root() ? std::optional<json>(node.text) : std::nullopt;
  }
  const bool text_only = node.quoted && !node.substituted;
  if (schema.type == "integer" || schema.type == "number") {
    const auto number = text_only ? std::nullopt : number_of(node.text);
    if (!number || (schema.type == "integer" && !number->is_number_integer())) return std::nullopt;
    return number;
  }
  if (schema.type == "boolean") {
    if (text_only || (node.text != "true" && node.text != "false")) return std::nullopt;
    return json(node.text == "true");
  }
  return json(node.text);
}

bool listed(const SettingSchema& schema, const Node& node) {
  return schema.one_of.empty() ||
         (node.type == Node::Type::kScalar &&
          std::find(schema.one_of.begin(), schema.one_of.end(), node.text) != schema.one_of.end());
}

bool has_broken(const Node& node) {
  if (node.broken) return true;
  return std::any_of(node.items.begin(), node.items.end(),
                     [](const NodePtr& item) { return has_broken(*item); }) ||
         std::any_of(node.entries.begin(), node.entries.end(),
                     [](const Entry& entry) { return has_broken(*entry.value); });
}

// What an environment variable gave may be a secret, and is not shown.
std::string shown(const Node& node) {
  return node.substituted ? "the text that its variables gave" : got(node);
}

std::string path_meant(const std::string& text) {
  const auto rooted = ActorPath::parse("/" + text);
  if (rooted && !rooted->is_root()) return "did you mean " + rooted->text() + "?";
  const auto path = ActorPath::parse(text);
  return path ? "the root is no actor" : path.error().text;
}

std::string way_out(const SettingSchema& schema, const std::string& text) {
  if (const auto meant = nearest(text, schema.one_of)) return "did you mean " + *meant + "?";
  if (schema.type == "path") return path_meant(text);
  if (schema.type != "duration" && schema.type != "size") return {};
  const auto value = schema.type == "size" ? parse_size(text) : parse_duration(text);
  return value ? std::string() : "it " + value.error().text;
}

void refuse(const KindInfo& kind, const SettingSchema& schema, const Node& node,
            Diagnostics& diagnostics) {
  std::string suggestion;
  if (node.type == Node::Type::kScalar && !node.substituted)
    suggestion = way_out(schema, node.text);
  diagnostics.add("E304", node.span,
                  "settings." + schema.key + ": " + kind.name + " wants " + wanted(schema) +
                      ", got " + shown(node),
                  std::move(suggestion), schema.doc);
}

void report_unknown(const KindInfo& kind, const Node& settings, Diagnostics& diagnostics) {
  std::vector<std::string> known;
  for (const auto& schema : kind.settings) known.push_back(schema.key);
  for (const Entry& entry : settings.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const auto meant = nearest(entry.key, known);
    diagnostics.add(
        "E304", entry.key_span,
        "settings." + entry.key.substr(0, 80) + ": " + kind.name + " has no such setting",
        meant ? "did you mean `" + *meant + "`?" : "",
        known.empty() ? "it has no settings" : "allowed: " + joined(known));
  }
}

}  // namespace

std::string checked_settings(const KindInfo& kind, const Node* settings, const Span& at,
                             Diagnostics& diagnostics) {
  json result = json::object();
  for (const auto& schema : kind.settings) {
    const Entry* entry = settings == nullptr ? nullptr : settings->find(schema.key);
    if (entry == nullptr) {
      if (schema.required) {
        diagnostics.add(
            "E304", at,
            "settings." + schema.key + ": " + kind.name + " needs it: " + wanted(schema), {},
            schema.doc);
      } else if (!schema.default_value.is_null()) {
        result[schema.key] = normal(schema, schema.default_value);
      }
      continue;
    }
    const Node& node = *entry->value;
    if (has_broken(node)) continue;
    const auto value = typed(schema, node);
    if (!value || !listed(schema, node) || !within(schema, *value)) {
      refuse(kind, schema, node, diagnostics);
      continue;
    }
    result[schema.key] = *value;
  }
  if (settings != nullptr) report_unknown(kind, *settings, diagnostics);
  return dumped(result);
}

}  // namespace actord::host
