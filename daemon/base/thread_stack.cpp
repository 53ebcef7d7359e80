#include "base/thread_stack.hpp"

#include <execinfo.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "base/mutex.hpp"

namespace actord::host {
namespace {

constexpr int kFrames = 48;
constexpr int kOwnFrames = 2;  // the handler and the kernel's trampoline
constexpr int kAnswerMs = 200;

// What the handler fills. Static and atomic: it may run late, after its caller has given up, while
// another answer is waited for. So an answer names the thread it is of.
std::array<std::atomic<void*>, kFrames> frames;
std::atomic<int> count{0};
std::atomic<pthread_t> answerer{0};
int answered = -1;  // an eventfd

// Only what may be done in a handler: backtrace was called once before, so that it loads nothing now.
void capture(int) {
  const int error = errno;
  std::array<void*, kFrames> found;
  const int size = backtrace(found.data(), kFrames);
  for (int i = 0; i < size; ++i) frames[i].store(found[i], std::memory_order_relaxed);
  count.store(size, std::memory_order_relaxed);
  answerer.store(pthread_self(), std::memory_order_release);
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(answered, &one, sizeof one);
  errno = error;
}

bool install() {
  std::array<void*, 1> first;
  backtrace(first.data(), 1);
  answered = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (answered < 0) return false;
  struct sigaction action {};
  action.sa_handler = capture;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  return sigaction(SIGRTMIN + 6, &action, nullptr) == 0;
}

// "/usr/lib/faulty.so(burn+0x15) [0x7f..]" -> "faulty.so(burn+0x15)"
std::string short_frame(std::string text) {
  text = text.substr(0, text.find(" ["));
  const size_t bracket = text.find('(');
  const size_t slash = text.rfind('/', bracket);
  return slash == std::string::npos ? text : text.substr(slash + 1);
}

}  // namespace

std::vector<std::string> stack_of(pthread_t thread) {
  static Mutex mutex;
  const MutexLock lock(mutex);
  static const bool installed = install();
  if (!installed) return {};
  answerer.store(0, std::memory_order_relaxed);
  if (pthread_kill(thread, SIGRTMIN + 6) != 0) return {};
  while (answerer.load(std::memory_order_acquire) != thread) {
    pollfd answer{answered, POLLIN, 0};
    if (poll(&answer, 1, kAnswerMs) != 1) return {};
    uint64_t answers = 0;  // also of one that came too late for its caller
    [[maybe_unused]] const ssize_t taken = read(answered, &answers, sizeof answers);
  }
  std::array<void*, kFrames> found;
  const int size = count.load(std::memory_order_relaxed);
  for (int i = 0; i < size; ++i) found[i] = frames[i].load(std::memory_order_relaxed);
  const std::unique_ptr<char*, decltype(&std::free)> names(backtrace_symbols(found.data(), size),
                                                           &std::free);
  std::vector<std::string> stack;
  for (int i = kOwnFrames; names != nullptr && i < size; ++i) {
    stack.push_back(short_frame(names.get()[i]));
  }
  return stack;
}

}  // namespace actord::host
