// The stack of another thread of this process, for reports about one that is stuck.
#pragma once

#include <pthread.h>

#include <string>
#include <vector>

namespace actord::host {

// Innermost frame first: "faulty.so(burn+0x15)". Empty when the thread does not answer in time (it
// has ended, or blocks signals). Any thread, not for another call at the same time.
//
// The thread is interrupted by a signal (SIGRTMIN+6, restarting system calls where the kernel can);
// a sleep or poll of its own may see EINTR, so this is done once to a thread that is stuck anyway.
std::vector<std::string> stack_of(pthread_t thread);

}  // namespace actord::host
