// actorctl: the process around run_actorctl.
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>

#include "cli/actorctl.hpp"

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int run(int argc, char** argv) {
  actord::host::SystemClock clock;
  return actord::host::run_actorctl(
      {argv + 1, argv + argc},
      {std::cin, std::cout, std::cerr, ::isatty(STDOUT_FILENO) != 0, ::isatty(STDERR_FILENO) != 0,
       variable("ACTORD_SOCKET"), variable("XDG_RUNTIME_DIR"), variable("NO_COLOR"), clock});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 0) return actord::host::kExitUsage;
  try {
    const int code = run(argc, argv);
    std::cout.flush();
    // Output that got lost (a full disk behind >) must not look like success.
    return std::cout.good() || code != 0 ? code : actord::host::kExitFailed;
  } catch (const std::exception& bug) {
    std::cerr << "actorctl: bug: " << bug.what() << "\n  next: report it with the command line\n";
    return actord::host::kExitInternal;
  }
}
