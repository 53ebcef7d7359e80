// RpcParams: the checked reader of a request's params.
//
// Each getter names one param the command knows. The first problem is kept and later getters answer
// their fallback, so a command reads all it wants and asks problem() once, which also refuses params
// that no getter asked for.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace actord::host {

class RpcParams {
 public:
  // params: an object; must outlive this.
  RpcParams(std::string_view method, const nlohmann::json& params)
      : method_(method), params_(params) {}

  std::string text(const char* name);  // required, not empty
  std::string text_or_empty(const char* name);
  // Required. A string is taken as it is; an object or array is written as compact JSON.
  std::string payload(const char* name);
  bool flag(const char* name);  // absent: false
  // Absent: fallback.
  uint64_t number(const char* name, uint64_t fallback, uint64_t min, uint64_t max);
  uint64_t number(const char* name, uint64_t min, uint64_t max);  // required

  Result<void> problem();

 private:
  const nlohmann::json* find(const char* name, bool required);
  void wrong(const char* name, const std::string& expected, const nlohmann::json* got);
  uint64_t checked_number(const char* name, const nlohmann::json* value, uint64_t fallback,
                          uint64_t min, uint64_t max);

  const std::string_view method_;
  const nlohmann::json& params_;
  std::vector<std::string> known_;
  std::string problem_;
};

}  // namespace actord::host
