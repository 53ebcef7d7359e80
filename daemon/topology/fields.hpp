// Fields: reads the keys of one map. Every key that is asked for is a key that is allowed; a Reading
// remembers both, so that unknown keys are found in one place, at the end.
//
// A reader returns true when the key was given and is good, and has then set its target. Otherwise
// the target is untouched, and whatever is wrong has been reported.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "topology/diagnostic.hpp"
#include "topology/document.hpp"

namespace actord::host {

// What a value is, for "got ...": "\"four\"", "a map", "a list", "nothing".
std::string got(const Node& value);

class Reading {
 public:
  explicit Reading(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  Diagnostics& diagnostics() { return diagnostics_; }
  // E102 for every key of a map that was read and that nobody asked for.
  void report_unread();

 private:
  friend class Fields;
  struct Map {
    const Node* node;
    std::string what;
    std::vector<std::string> allowed;
  };
  size_t open(const Node& node, std::string what);
  void allow(size_t map, std::string_view key);

  Diagnostics& diagnostics_;
  std::vector<Map> maps_;
  std::unordered_map<const Node*, size_t> by_node_;
};

class Fields {
 public:
  // `what` it is, for messages: "actor `/orders`". Where keys are written goes into `keys`, below
  // `prefix` ("mailbox."). A node that is no map counts as an empty one; the caller has reported it.
  Fields(Reading& reading, const Node& node, std::string what, KeySpans& keys,
         std::string prefix = {});

  // The entry, null when it is not given or was already reported.
  const Entry* take(std::string_view key);
  // As take; its value is a map, or empty. Otherwise reported.
  const Entry* map(std::string_view key);
  // The entry that was meant to be this one: its key is not known, and of the known ones nearest to
  // this. Its key is reported like any unknown one; reading its value spares what would follow from
  // its absence. Null when the key itself is given.
  const Entry* misspelt(std::string_view key, const std::vector<std::string>& known);
  const Entry* map(std::string_view key, const std::vector<std::string>& known);
  // As take; its value is a list, or empty. Otherwise reported.
  const Entry* list(std::string_view key);
  // A map below, with its own keys allowed; an empty one when it is not given.
  Fields below(std::string_view key);

  bool text(std::string_view key, std::string& into);
  bool integer(std::string_view key, uint64_t min, uint64_t max, uint64_t& into);
  bool integer(std::string_view key, uint32_t min, uint32_t max, uint32_t& into);
  bool integer(std::string_view key, int32_t min, int32_t max, int32_t& into);
  bool number(std::string_view key, double min, double max, double& into);
  bool duration(std::string_view key, uint64_t min_ms, uint64_t& into_ms);
  bool size(std::string_view key, uint64_t min, uint64_t& into);

  template <class T>
  bool choice(std::string_view key, const std::vector<std::pair<std::string, T>>& choices,
              T& into) {
    const Entry* entry = take(key);
    if (entry == nullptr) return false;
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) {
      if (entry->value->type == Node::Type::kScalar && entry->value->text == name) {
        into = value;
        return true;
      }
      names.push_back(name);
    }
    refuse_choice(*entry, names);
    return false;
  }

  // E104 at the value: "KEY" wants WANTED, got ...
  void refuse(const Entry& entry, const std::string& wanted, std::string suggestion = {});
  const Span& value_span(std::string_view key, const Span& otherwise) const;
  const Span& key_span(std::string_view key, const Span& otherwise) const;

 private:
  void refuse_choice(const Entry& entry, const std::vector<std::string>& names);
  bool quantity(std::string_view key, uint64_t min, bool is_size, uint64_t& into);

  Reading& reading_;
  const Node& node_;
  size_t map_;
  std::string what_;
  KeySpans& keys_;
  std::string prefix_;
};

}  // namespace actord::host
