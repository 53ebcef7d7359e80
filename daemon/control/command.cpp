#include "control/command.hpp"

namespace actord::host {
namespace {

constexpr RpcCommand kCommands[] = {
    {"status", commands::status, false},
    {"ps", commands::ps, false},
    {"describe", commands::describe, false},
    {"subscriptions", commands::subscriptions, false},
    {"tags", commands::tags, false},
    {"send", commands::send, true},
    {"ask", commands::ask, true},
    {"publish", commands::publish, true},
    {"reload", commands::reload, true},
    {"diff", commands::diff, false},
    {"start", commands::start, true},
    {"stop", commands::stop, true},
    {"restart", commands::restart, true},
    {"park", commands::park, true},
    {"suspend", commands::suspend, true},
    {"resume", commands::resume, true},
    {"dead.ls", commands::dead_ls, false},
    {"dead.show", commands::dead_show, false},
};

}  // namespace

const RpcCommand* find_command(std::string_view method) {
  for (const auto& command : kCommands) {
    if (command.method == method) return &command;
  }
  return nullptr;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const auto& command : kCommands) names.emplace_back(command.method);
  return names;
}

}  // namespace actord::host
