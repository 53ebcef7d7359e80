#include "host/process_state.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cfenv>
#include <clocale>
#include <cstdlib>
#include <cstring>

namespace actord::host {
namespace {

#if defined(__x86_64__)
// MXCSR without its six sticky exception flags, and the x87 control word above it.
constexpr unsigned kSseFlags = 0x3f;

unsigned fp_mode() {
  uint16_t x87 = 0;
  asm volatile("fnstcw %0" : "=m"(x87));
  return (__builtin_ia32_stmxcsr() & ~kSseFlags) | static_cast<unsigned>(x87) << 16;
}
void set_fp_mode(unsigned mode) {
  const auto x87 = static_cast<uint16_t>(mode >> 16);
  asm volatile("fldcw %0" : : "m"(x87));
  __builtin_ia32_ldmxcsr(mode & 0xffff);
}
#else
unsigned fp_mode() { return static_cast<unsigned>(std::fegetround()); }
void set_fp_mode(unsigned mode) { std::fesetround(static_cast<int>(mode)); }
#endif

// Read from /proc: umask(2) can only be read by setting it, and other threads create files meanwhile.
bool read_umask(mode_t& mask) {
  const FileDescriptor status(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  if (!status.valid()) return false;
  char text[4096];
  const ssize_t size = ::read(status.get(), text, sizeof text - 1);
  if (size <= 0) return false;
  text[size] = '\0';
  const char* line = std::strstr(text, "\nUmask:");
  if (line == nullptr) return false;
  mask = static_cast<mode_t>(std::strtoul(line + 7, nullptr, 8));
  return true;
}

bool same_handler(const struct sigaction& a, const struct sigaction& b) {
  // sa_handler and sa_sigaction share their place.
  return a.sa_handler == b.sa_handler && a.sa_flags == b.sa_flags;
}

bool same_directory(int a, int b) {
  struct stat one {
  }, other{};
  if (fstat(a, &one) != 0 || fstat(b, &other) != 0) return true;
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

FileDescriptor working_directory() {
  return FileDescriptor(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

ProcessState::ProcessState()
    : fp_mode_(fp_mode()),
      locale_(std::setlocale(LC_ALL, nullptr)),
      directory_(working_directory()) {
  for (int number = 1; number < kSignals; ++number) sigaction(number, nullptr, &handlers_[number]);
  read_umask(umask_);
}

std::vector<std::string> ProcessState::restore() const {
  std::vector<std::string> changes;
  if (fp_mode() != fp_mode_) {
    set_fp_mode(fp_mode_);
    changes.push_back("the floating-point mode (was it linked with -ffast-math?)");
  }
  for (int number = 1; number < kSignals; ++number) {
    struct sigaction now {};
    if (sigaction(number, nullptr, &now) != 0 || same_handler(now, handlers_[number])) continue;
    sigaction(number, &handlers_[number], nullptr);
    changes.push_back(std::string("the handler of SIG") + sigabbrev_np(number));
  }
  if (locale_ != std::setlocale(LC_ALL, nullptr)) {
    std::setlocale(LC_ALL, locale_.c_str());
    changes.push_back("the locale");
  }
  mode_t mask = 0;
  if (read_umask(mask) && mask != umask_) {
    umask(umask_);
    changes.push_back("the umask");
  }
  const FileDescriptor now = working_directory();
  if (directory_.valid() && !same_directory(now.get(), directory_.get()) &&
      fchdir(directory_.get()) == 0) {
    changes.push_back("the working directory");
  }
  return changes;
}

}  // namespace actord::host
