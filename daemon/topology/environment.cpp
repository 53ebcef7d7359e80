#include "topology/environment.hpp"

namespace actord::host {
namespace {

bool starts_name(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool in_name(char c) { return starts_name(c) || (c >= '0' && c <= '9'); }

// Nested defaults deeper than this are a mistake, and the stack is finite.
constexpr int kDepthMax = 32;

// The index of the } that closes the ${ whose inside begins at `at`; npos: none.
size_t closing_brace(std::string_view text, size_t at) {
  int depth = 1;
  for (; at < text.size(); ++at) {
    const bool dollar = text[at] == '$' && at + 1 < text.size();
    if (dollar && text[at + 1] == '$') {
      ++at;
    } else if (dollar && text[at + 1] == '{') {
      ++depth;
      ++at;
    } else if (text[at] == '}' && --depth == 0) {
      return at;
    }
  }
  return std::string_view::npos;
}

class Pass {
 public:
  Pass(const EnvLookup& env, Substitution& result) : env_(env), result_(result) {}

  std::string run(std::string_view text, int depth) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
      if (text[at] != '$' || at + 1 == text.size()) {
        out += text[at++];
      } else if (text[at + 1] == '$') {
        out += '$';
        result_.changed = true;
        at += 2;
      } else if (text[at + 1] == '{') {
        const size_t end = closing_brace(text, at + 2);
        if (end == std::string_view::npos) {
          problem("\"${\" is never closed; write ${NAME}, or $$ for a dollar sign");
          return out;
        }
        out += variable(text.substr(at + 2, end - at - 2), depth);
        at = end + 1;
      } else {
        out += text[at++];
      }
    }
    return out;
  }

 private:
  std::string variable(std::string_view inside, int depth) {
    result_.changed = true;
    size_t name_size = 0;
    while (name_size < inside.size() && in_name(inside[name_size])) ++name_size;
    const std::string name(inside.substr(0, name_size));
    const std::string_view rest = inside.substr(name_size);
    const bool has_default = rest.starts_with(":-");
    if (name.empty() || !starts_name(name[0]) || (!rest.empty() && !has_default)) {
      problem("\"${" + std::string(inside) +
              "}\" names no variable; write ${NAME} or ${NAME:-default}, or $$ for a dollar sign");
      return {};
    }
    const auto value = env_(name);
    if (value && (!has_default || !value->empty())) return *value;
    if (!has_default) {
      problem("environment variable " + name + " is not set; export it or write ${" + name +
              ":-default}");
      return {};
    }
    if (depth == kDepthMax) {
      problem("defaults are nested too deep");
      return {};
    }
    return run(rest.substr(2), depth + 1);
  }

  void problem(std::string text) { result_.problems.push_back(std::move(text)); }

  const EnvLookup& env_;
  Substitution& result_;
};

}  // namespace

Substitution substitute(std::string_view text, const EnvLookup& env) {
  Substitution result;
  result.text = Pass(env, result).run(text, 0);
  return result;
}

}  // namespace actord::host
