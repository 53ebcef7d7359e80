// Condition: a question about one message, answered yes or no. The `where` of a subscription.
//
//   condition  = either { "or" either }
//   either     = one { "and" one }
//   one        = "not" one | "(" condition ")" | "exists" path | value [ test ]
//   test       = ("==" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "starts_with" | "ends_with") value
//              | "in" "[" literal { "," literal } "]"
//   value      = path | "type" | "key" | "topic" | literal
//   path       = "$" { "." NAME | "[" INDEX "]" | "[" TEXT "]" }      of the payload, which is JSON
//   literal    = NUMBER | TEXT | "true" | "false" | "null"
//
// Total: every condition that parses has an answer for every message, and nothing can fail. What is not
// there (a path that leads nowhere; any path where the payload is no JSON) equals nothing, is neither
// less nor greater, and contains nothing; "!=" is the opposite of "==" and so true of it. Values of two
// types are never equal and have no order: 5 is not "5". Numbers are compared exactly, texts by bytes; a
// list or a map equals nothing. A path alone asks whether it is `true`.
//
// Pure: it holds no state, so any thread may ask it.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/envelope.hpp"

namespace actord::host {

// What a condition is asked about: one message. Its payload is parsed once, when a condition looks
// into it. The message must outlive it.
class ConditionSubject {
 public:
  explicit ConditionSubject(const Envelope& message) : message_(message) {}

  const Envelope& message() const { return message_; }
  // Null: the payload is no JSON, says that it is something else, or is over kConditionPayloadBytes.
  const nlohmann::json* payload();
  bool unreadable() const { return looked_ && !readable_; }  // somebody looked, in vain

 private:
  const Envelope& message_;
  nlohmann::json payload_;
  bool looked_ = false;
  bool readable_ = false;
};

class Condition {
 public:
  struct Mistake {
    size_t at = 0;  // byte of the text
    std::string text;
  };
  static std::variant<Condition, Mistake> parse(std::string_view text);

  bool holds(ConditionSubject& subject) const;

 private:
  friend class ConditionParser;
  enum class Source : uint8_t { kLiteral, kPath, kType, kKey, kTopic };
  enum class Test : uint8_t {
    kTrue,
    kExists,
    kEqual,
    kNotEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kContains,
    kStartsWith,
    kEndsWith,
    kIn
  };
  struct Operand {
    Source source = Source::kLiteral;
    nlohmann::json literal;                                 // of kLiteral; of kIn a list
    std::vector<std::variant<std::string, uint64_t>> path;  // names and indices
  };
  // A tree in one array; children come before their parent, the last one is the root.
  struct Node {
    enum class Kind : uint8_t { kTest, kNot, kAnd, kOr } kind = Kind::kTest;
    Test test = Test::kTrue;
    Operand left, right;           // of kTest
    size_t first = 0, second = 0;  // of the others: indices of nodes
  };
  bool holds(size_t node, ConditionSubject& subject) const;

  std::vector<Node> nodes_;
};

}  // namespace actord::host
