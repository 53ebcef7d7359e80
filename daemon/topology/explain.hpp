// Explain: the long help of every diagnostic code: what it means, why it is refused, an example that
// is wrong, and the same put right.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actord::host {

struct Explanation {
  std::string_view code;
  std::string_view title;
  std::string_view what;
  std::string_view why;
  std::string_view wrong;
  std::string_view right;
};

const std::vector<Explanation>& explanations();  // by code
const Explanation* find_explanation(std::string_view code);
// For the terminal. Nothing: there is no such code. Case does not matter.
std::optional<std::string> explain(std::string_view code);

}  // namespace actord::host
