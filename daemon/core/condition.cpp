#include "core/condition.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/limits.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

bool is_json(std::string_view content_type) {
  return content_type.empty() || content_type.starts_with("application/json") ||
         content_type.ends_with("+json");
}

// One side of a test. Nothing: it is not there. Text that is no JSON text of the payload is kept apart, so
// that comparing a type or a key copies nothing.
struct Value {
  const json* of_payload = nullptr;
  std::optional<std::string_view> text;
  bool there() const { return of_payload != nullptr || text.has_value(); }
};

Value of_json(const json* value) {
  if (value != nullptr && value->is_string()) return {value, value->get_ref<const std::string&>()};
  return {value, std::nullopt};
}

bool is_number(const Value& value) {
  return value.of_payload != nullptr && value.of_payload->is_number();
}

// Holds every 64-bit integer and every double exactly.
static_assert(std::numeric_limits<long double>::digits >= 64);
long double number(const Value& value) {
  if (value.of_payload->is_number_unsigned())
    return static_cast<long double>(value.of_payload->get<uint64_t>());
  if (value.of_payload->is_number_integer())
    return static_cast<long double>(value.of_payload->get<int64_t>());
  return static_cast<long double>(value.of_payload->get<double>());
}

bool equal(const Value& a, const Value& b) {
  if (!a.there() || !b.there()) return false;
  if (a.text || b.text) return a.text == b.text;
  if (is_number(a) || is_number(b)) return is_number(a) && is_number(b) && number(a) == number(b);
  // Lists and maps equal nothing: comparing what is nested as deep as a payload likes takes a stack as deep.
  return a.of_payload->is_primitive() && *a.of_payload == *b.of_payload;
}

// Nothing: they have no order.
std::optional<int> order(const Value& a, const Value& b) {
  if (a.text && b.text) return a.text->compare(*b.text);
  if (!is_number(a) || !is_number(b)) return std::nullopt;
  return number(a) < number(b) ? -1 : number(a) > number(b) ? 1 : 0;
}

bool contains(const Value& whole, const Value& part) {
  if (whole.text) return part.text && whole.text->find(*part.text) != std::string_view::npos;
  if (whole.of_payload == nullptr || !whole.of_payload->is_array()) return false;
  return std::any_of(whole.of_payload->begin(), whole.of_payload->end(),
                     [&](const json& item) { return equal(of_json(&item), part); });
}

}  // namespace

const json* ConditionSubject::payload() {
  if (!looked_) {
    looked_ = true;
    const bool worth = is_json(message_.content_type.name()) &&
                       message_.payload.size() <= limits::kConditionPayloadBytes;
    if (worth) payload_ = json::parse(message_.payload.view(), nullptr, false);
    readable_ = worth && !payload_.is_discarded();
  }
  return readable_ ? &payload_ : nullptr;
}

bool Condition::holds(ConditionSubject& subject) const { return holds(nodes_.size() - 1, subject); }

bool Condition::holds(size_t at, ConditionSubject& subject) const {
  const Node& node = nodes_[at];
  switch (node.kind) {
    case Node::Kind::kNot: return !holds(node.first, subject);
    case Node::Kind::kAnd: return holds(node.first, subject) && holds(node.second, subject);
    case Node::Kind::kOr: return holds(node.first, subject) || holds(node.second, subject);
    case Node::Kind::kTest: break;
  }
  const auto value_of = [&](const Operand& operand) -> Value {
    const Envelope& message = subject.message();
    const EnvelopeExtra* const extra = message.extra.get();
    switch (operand.source) {
      case Source::kLiteral: return of_json(&operand.literal);
      case Source::kType: return {nullptr, message.type.name()};
      case Source::kKey: return {nullptr, extra == nullptr ? std::string_view() : extra->key};
      case Source::kTopic: return {nullptr, extra == nullptr ? std::string_view() : extra->topic};
      case Source::kPath: break;
    }
    const json* value = subject.payload();
    for (const auto& step : operand.path) {
      if (value == nullptr) break;
      if (const auto* name = std::get_if<std::string>(&step)) {
        const auto found = value->is_object() ? value->find(*name) : value->end();
        value = value->is_object() && found != value->end() ? &*found : nullptr;
      } else {
        const uint64_t index = std::get<uint64_t>(step);
        value = value->is_array() && index < value->size() ? &(*value)[index] : nullptr;
      }
    }
    return of_json(value);
  };
  const Value left = value_of(node.left);
  if (node.test == Test::kExists) return left.there();
  if (node.test == Test::kTrue)
    return left.of_payload != nullptr && left.of_payload->is_boolean() &&
           left.of_payload->get<bool>();
  if (node.test == Test::kIn) {
    return std::any_of(node.right.literal.begin(), node.right.literal.end(),
                       [&](const json& item) { return equal(left, of_json(&item)); });
  }
  const Value right = value_of(node.right);
  const std::optional<int> way = order(left, right);
  const bool texts = left.text && right.text;
  switch (node.test) {
    case Test::kEqual: return equal(left, right);
    case Test::kNotEqual: return !equal(left, right);
    case Test::kLess: return way && *way < 0;
    case Test::kLessOrEqual: return way && *way <= 0;
    case Test::kGreater: return way && *way > 0;
    case Test::kGreaterOrEqual: return way && *way >= 0;
    case Test::kContains: return contains(left, right);
    case Test::kStartsWith: return texts && left.text->starts_with(*right.text);
    case Test::kEndsWith: return texts && left.text->ends_with(*right.text);
    default: return false;
  }
}

// By descent. The first mistake ends it: every reader returns false then.
class ConditionParser {
 public:
  explicit ConditionParser(std::string_view text) : text_(text) {}

  std::variant<Condition, Condition::Mistake> run() {
    if (text_.size() > limits::kConditionBytes) {
      fail(0, "longer than " + std::to_string(limits::kConditionBytes) + " bytes");
      return mistake_;
    }
    size_t root = 0;
    if (!read_or(root)) return mistake_;
    skip_space();
    if (at_ != text_.size()) {
      fail(at_, after_end());
      return mistake_;
    }
    return std::move(condition_);
  }

 private:
  using Source = Condition::Source;
  using Test = Condition::Test;
  using Operand = Condition::Operand;
  using Node = Condition::Node;

  bool fail(size_t at, std::string text) {
    mistake_ = {std::min(at, text_.size()), std::move(text)};
    return false;
  }
  std::string after_end() const {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("&&")) return "\"and\" is written in letters";
    if (rest.starts_with("||")) return "\"or\" is written in letters";
    if (rest.starts_with("=")) return "equal is written ==";
    return "the condition ends before this; join two with `and` or `or`";
  }

  // ---- words ----

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
      ++at_;
  }
  static bool in_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }
  std::string_view word_ahead() {
    skip_space();
    size_t end = at_;
    while (end < text_.size() && in_word(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  bool take_word(std::string_view word) {
    if (word_ahead() != word) return false;
    at_ += word.size();
    return true;
  }
  bool take(std::string_view sign) {
    skip_space();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }

  // ---- conditions ----

  bool add(Node node, size_t& index) {
    if (condition_.nodes_.size() >= limits::kConditionNodes)
      return fail(at_, "more than " + std::to_string(limits::kConditionNodes) + " parts");
    index = condition_.nodes_.size();
    condition_.nodes_.push_back(std::move(node));
    return true;
  }
  bool join(Node::Kind kind, size_t& left, size_t right) {
    Node node;
    node.kind = kind;
    node.first = left;
    node.second = right;
    return add(std::move(node), left);
  }
  bool read_or(size_t& index) {
    if (!read_and(index)) return false;
    while (take_word("or")) {
      size_t right = 0;
      if (!read_and(right) || !join(Node::Kind::kOr, index, right)) return false;
    }
    return true;
  }
  bool read_and(size_t& index) {
    if (!read_one(index)) return false;
    while (take_word("and")) {
      size_t right = 0;
      if (!read_one(right) || !join(Node::Kind::kAnd, index, right)) return false;
    }
    return true;
  }
  // The only one that calls itself, so the only one that counts how deep it is.
  bool read_one(size_t& index) {
    if (++depth_ > limits::kConditionDepth)
      return fail(at_, "nested deeper than " + std::to_string(limits::kConditionDepth));
    const bool good = read_nested(index);
    --depth_;
    return good;
  }
  bool read_nested(size_t& index) {
    if (take_word("not")) return read_one(index) && join(Node::Kind::kNot, index, 0);
    skip_space();
    const size_t open = at_;
    if (take("(")) {
      if (!read_or(index)) return false;
      return take(")") || fail(open, "this ( is never closed");
    }
    Node node;
    if (take_word("exists")) {
      node.test = Test::kExists;
      skip_space();
      if (!text_.substr(at_).starts_with("$"))
        return fail(at_, "exists wants a path, like $.total");
      return read_value(node.left) && add(std::move(node), index);
    }
    return read_test(node) && add(std::move(node), index);
  }

  bool read_test(Node& node) {
    skip_space();
    const size_t begin = at_;
    if (!read_value(node.left)) return false;
    static constexpr std::pair<std::string_view, Test> kSigns[] = {
        {"==", Test::kEqual}, {"!=", Test::kNotEqual},       {"<=", Test::kLessOrEqual},
        {"<", Test::kLess},   {">=", Test::kGreaterOrEqual}, {">", Test::kGreater}};
    static constexpr std::pair<std::string_view, Test> kWords[] = {
        {"contains", Test::kContains},
        {"starts_with", Test::kStartsWith},
        {"ends_with", Test::kEndsWith}};
    if (take_word("in")) {
      node.test = Test::kIn;
      return read_list(node.right) && fits(node, begin);
    }
    for (const auto& [sign, test] : kSigns) {
      if (take(sign)) return read_right(node, test, begin);
    }
    for (const auto& [word, test] : kWords) {
      if (take_word(word)) return read_right(node, test, begin);
    }
    node.test = Test::kTrue;
    if (node.left.source == Source::kPath) return true;
    skip_space();
    return fail(at_ == text_.size() ? begin : at_,
                "compare it: ==, !=, <, <=, >, >=, in, contains, starts_with or ends_with");
  }
  bool read_right(Node& node, Test test, size_t begin) {
    node.test = test;
    return read_value(node.right) && fits(node, begin);
  }

  // What can be known to be never true is a mistake of the writer.
  bool fits(const Node& node, size_t begin) {
    const auto is_text = [](const Operand& one) {
      return one.source != Source::kLiteral ? one.source != Source::kPath : one.literal.is_string();
    };
    const auto may_be_text = [&](const Operand& one) {
      return one.source == Source::kPath || is_text(one);
    };
    if (node.left.source == Source::kLiteral && node.right.source == Source::kLiteral &&
        node.test != Test::kIn)
      return fail(begin, "compares two fixed values");
    if (node.test == Test::kIn) {
      const auto& list = node.right.literal;
      if (node.left.source == Source::kPath || node.left.source == Source::kLiteral) return true;
      const bool texts =
          std::all_of(list.begin(), list.end(), [](const json& one) { return one.is_string(); });
      return texts || fail(begin, "type, key and topic are texts; the list holds something else");
    }
    const bool apart =
        (is_text(node.left) && !may_be_text(node.right) && node.test != Test::kContains) ||
        (is_text(node.right) && !may_be_text(node.left) && node.test != Test::kContains);
    return !apart || fail(begin, "compares a text with something that is none");
  }

  // ---- values ----

  bool read_value(Operand& operand) {
    skip_space();
    if (take("$")) {
      operand.source = Source::kPath;
      return read_path(operand);
    }
    static constexpr std::pair<std::string_view, Source> kFields[] = {
        {"type", Source::kType}, {"key", Source::kKey}, {"topic", Source::kTopic}};
    for (const auto& [word, source] : kFields) {
      if (!take_word(word)) continue;
      operand.source = source;
      return true;
    }
    return read_literal(operand.literal);
  }

  bool read_path(Operand& operand) {
    while (at_ < text_.size() && (text_[at_] == '.' || text_[at_] == '[')) {
      const size_t begin = at_;
      if (operand.path.size() >= limits::kConditionPathSteps)
        return fail(
            begin, "a path of more than " + std::to_string(limits::kConditionPathSteps) + " steps");
      if (text_[at_++] == '.') {
        std::string name;
        while (at_ < text_.size() && (in_word(text_[at_]) || text_[at_] == '-'))
          name += text_[at_++];
        if (name.empty())
          return fail(begin, "a name follows the dot; any other key: [\"like this\"]");
        operand.path.emplace_back(std::move(name));
        continue;
      }
      json step;
      if (!read_literal(step)) return false;
      if (!step.is_string() && !step.is_number_unsigned())
        return fail(begin, "in [ ] stands an index from 0 or a name in quotes");
      if (step.is_string()) operand.path.emplace_back(step.get<std::string>());
      if (step.is_number_unsigned()) operand.path.emplace_back(step.get<uint64_t>());
      if (!take("]")) return fail(begin, "this [ is never closed");
    }
    return true;
  }

  bool read_list(Operand& operand) {
    skip_space();
    const size_t open = at_;
    if (!take("[")) return fail(open, "in wants a list: [1, 2, \"three\"]");
    operand.literal = json::array();
    do {
      if (operand.literal.size() >= limits::kConditionNodes)
        return fail(at_,
                    "a list of more than " + std::to_string(limits::kConditionNodes) + " values");
      json value;
      if (!read_literal(value)) return false;
      operand.literal.push_back(std::move(value));
    } while (take(","));
    return take("]") || fail(open, "this [ is never closed");
  }

  bool read_literal(json& literal) {
    skip_space();
    const size_t begin = at_;
    if (begin == text_.size()) return fail(begin, "a value is missing at the end");
    const char first = text_[begin];
    if (first == '"' || first == '\'') return read_text(literal);
    if (first == '-' || (first >= '0' && first <= '9')) return read_number(literal);
    for (const auto& [word, value] :
         {std::pair<std::string_view, json>{"true", true}, {"false", false}, {"null", nullptr}}) {
      if (!take_word(word)) continue;
      literal = value;
      return true;
    }
    const std::string_view word = word_ahead();
    if (first == '!') return fail(begin, "\"not\" is written in letters");
    if (word.empty())
      return fail(begin,
                  "a value belongs here: $.path, type, key, topic, a number or a text in quotes");
    return fail(
        begin,
        "`" + std::string(word.substr(0, 40)) +
            "` means nothing here; a text stands in quotes, a part of the payload begins with $.");
  }

  bool read_text(json& literal) {
    const size_t begin = at_;
    const char quote = text_[at_++];
    std::string text;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] != '\\') {
        text += text_[at_];
        continue;
      }
      const char escaped = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (escaped != '\\' && escaped != '"' && escaped != '\'' && escaped != 'n' && escaped != 't')
        return fail(at_, R"(after \ stands one of \ " ' n t)");
      text += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
      ++at_;
    }
    if (at_ == text_.size()) return fail(begin, "this quote is never closed");
    ++at_;
    literal = std::move(text);
    return true;
  }

  bool read_number(json& literal) {
    const size_t begin = at_;
    size_t end = at_;
    const auto belongs = [](char c) { return in_word(c) || c == '.' || c == '-' || c == '+'; };
    while (end < text_.size() && belongs(text_[end])) ++end;
    literal = json::parse(text_.substr(begin, end - begin), nullptr, false);
    if (!literal.is_number())
      return fail(begin, "\"" + std::string(text_.substr(begin, end - begin).substr(0, 40)) +
                             "\" is no number");
    at_ = end;
    return true;
  }

  const std::string_view text_;
  size_t at_ = 0;
  uint64_t depth_ = 0;
  Condition condition_;
  Condition::Mistake mistake_;
};

std::variant<Condition, Condition::Mistake> Condition::parse(std::string_view text) {
  return ConditionParser(text).run();
}

}  // namespace actord::host
