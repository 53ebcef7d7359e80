// Reading the daemon's answers without trusting them: a member that is missing or of another type
// reads as its empty value, so that a younger or older daemon cannot break the client.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace actord::host {

const nlohmann::json& member_of(const nlohmann::json& object, const char* name);  // null if missing
std::string text_of(const nlohmann::json& object, const char* name);  // printable; numbers as text
std::string raw_text_of(const nlohmann::json& object, const char* name);  // as sent
uint64_t number_of(const nlohmann::json& object, const char* name);
int64_t signed_of(const nlohmann::json& object, const char* name);
bool flag_of(const nlohmann::json& object, const char* name);
std::vector<nlohmann::json> list_of(const nlohmann::json& object, const char* name);
std::string compact(const nlohmann::json& value);
std::string indented(const nlohmann::json& value);

}  // namespace actord::host
