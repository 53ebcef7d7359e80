#include "app/state_dump.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/log.hpp"

namespace actord::host {
namespace {

// Both answer at once.
nlohmann::json state_of(Admin& admin) {
  nlohmann::json state;
  const auto keep = [&](const char* name) {
    return [&state, name](Result<nlohmann::json> answer) {
      state[name] = answer ? std::move(answer).value() : nlohmann::json(answer.error().text);
    };
  };
  admin.status(keep("status"));
  admin.ps(keep("ps"));
  return state;
}

bool write_whole(const std::string& file, const std::string& text) {
  const std::string fresh = file + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << text << '\n';
  out.close();
  return out && std::rename(fresh.c_str(), file.c_str()) == 0;
}

}  // namespace

void dump_state(Admin& admin, const std::string& file) {
  const std::string text =
      state_of(admin).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
  if (write_whole(file, text)) {
    log::info("host.state_dumped", "the state was written (SIGUSR1)", {{"file", file}});
  } else {
    log::warn("host.state_not_dumped",
              std::string("cannot write the state: ") + std::strerror(errno), {{"file", file}});
  }
}

}  // namespace actord::host
