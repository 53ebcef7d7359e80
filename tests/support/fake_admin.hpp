// FakeAdmin: an engine whose answers a test decides.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "engine/admin.hpp"

namespace actord::host {

class FakeAdmin : public Admin {
 public:
  MOCK_METHOD(void, status, (AdminReply), (override));
  MOCK_METHOD(void, ps, (AdminReply), (override));
  MOCK_METHOD(void, describe, (std::string, AdminReply), (override));
  MOCK_METHOD(void, send, (std::string, std::string, std::string, AdminReply), (override));
  MOCK_METHOD(void, ask, (std::string, std::string, std::string, uint64_t, AdminReply), (override));
  MOCK_METHOD(void, publish, (std::string, std::string, std::string, AdminReply), (override));
  MOCK_METHOD(void, reload, (bool, AdminReply), (override));
  MOCK_METHOD(void, diff, (std::string, AdminReply), (override));
  MOCK_METHOD(void, start, (std::string, AdminReply), (override));
  MOCK_METHOD(void, stop, (std::string, AdminReply), (override));
  MOCK_METHOD(void, restart, (std::string, AdminReply), (override));
  MOCK_METHOD(void, park, (std::string, AdminReply), (override));
  MOCK_METHOD(void, suspend, (std::string, AdminReply), (override));
  MOCK_METHOD(void, resume, (std::string, AdminReply), (override));
  MOCK_METHOD(void, dead_letters, (std::string, std::string, int64_t, uint64_t, AdminReply),
              (override));
  MOCK_METHOD(void, dead_letter, (uint64_t, AdminReply), (override));
  MOCK_METHOD(void, subscriptions, (AdminReply), (override));
  MOCK_METHOD(void, tags, (AdminReply), (override));
};

// gmock actions: the reply is the last argument of every method.
inline auto answers(nlohmann::json value) {
  return [value = std::move(value)](auto&&... arguments) {
    std::get<sizeof...(arguments) - 1>(std::forward_as_tuple(arguments...))(value);
  };
}

inline auto refuses(actord_status code, std::string text) {
  return [code, text = std::move(text)](auto&&... arguments) {
    std::get<sizeof...(arguments) - 1>(std::forward_as_tuple(arguments...))(Error{code, text});
  };
}

// Keeps the reply, to be given later or never.
inline auto keeps(std::vector<AdminReply>* replies) {
  return [replies](auto&&... arguments) {
    replies->push_back(std::get<sizeof...(arguments) - 1>(std::forward_as_tuple(arguments...)));
  };
}

}  // namespace actord::host
