// ProcessState: what the whole process shares and code at load time is known to change: the
// floating-point mode (a library linked with -ffast-math), signal handlers, the locale, the umask, the
// working directory. Taken before a plugin is loaded, put back and reported after.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <array>
#include <string>
#include <vector>

#include "host/file_descriptor.hpp"

namespace actord::host {

class ProcessState {
 public:
  ProcessState();  // takes it; the floating-point mode is the calling thread's

  // Puts back what has changed since. What it was, in words: "the umask", "the handler of SIGUSR1".
  std::vector<std::string> restore() const;

 private:
  static constexpr int kSignals = 32;  // the classic ones: 1 .. 31

  unsigned fp_mode_ = 0;
  std::array<struct sigaction, kSignals> handlers_{};
  std::string locale_;
  mode_t umask_ = 0;
  FileDescriptor directory_;
};

}  // namespace actord::host
