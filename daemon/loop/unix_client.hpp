// UnixClient: the other end of a UnixServer, for programs without a loop. Blocks, with deadlines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "loop/line_reader.hpp"

namespace actord::host {

class UnixClient {
 public:
  // Deadlines are milliseconds on clock. Errors: E_NOT_FOUND (no such socket), E_CLOSED (nobody
  // listens), E_PERMISSION, E_TIMEOUT, E_INVALID (the path), E_IO.
  static Result<UnixClient> connect(const std::string& path, uint64_t line_bytes_max, Clock& clock,
                                    uint64_t deadline_ms);
  UnixClient(UnixClient&& other) noexcept;
  UnixClient& operator=(UnixClient&&) = delete;
  ~UnixClient();

  // The newline is added. Errors: E_TIMEOUT, E_CLOSED (the peer left), E_IO.
  Result<void> write_line(std::string_view line, uint64_t deadline_ms);
  Result<void> write(std::string_view bytes, uint64_t deadline_ms);  // as they are
  // Errors: as write_line; E_LIMIT for a line over the limit.
  Result<std::string> read_line(uint64_t deadline_ms);

 private:
  UnixClient(int fd, uint64_t line_bytes_max, Clock& clock)
      : fd_(fd), clock_(&clock), reader_(line_bytes_max) {}
  Result<void> wait_for(short events, uint64_t deadline_ms);

  int fd_;
  Clock* clock_;
  LineReader reader_;
};

}  // namespace actord::host
