// io.Tail: follows a text file and publishes its lines.
//
//   file --chunks--> LineSplitter --lines--> window --publish--> topic
//                                              |  ^
//                      journal <---position--- +  +-- io.Ack {seq}, undelivered notices
//
// The window holds what has been read and is not settled, in the order of the file. A line is settled
// when it is acknowledged, known to be a dead letter, or given up. The position moves over settled
// entries at the front of the window, and the journal follows it in steps: so after a crash the tail
// reads on from the first line that may not have been handled, and gives the same bytes the same
// numbers. Without acknowledgements a line is settled as it is published.
//
// Invariants:
//   - Published numbers never exceed journaled seq + ahead. A tail that cannot read on where it was
//     (the file is gone or was rewritten) goes on past that, so no new line wears a used number.
//   - A place change (another file, or the start of a truncated one) is a barrier: nothing is read
//     from the new place until everything before it is settled and the change is journaled. Else a
//     crash could forget the change and publish lines of the new place twice under two numbers.
//   - A line that is not published (too long, given up, without an end) becomes a dead letter in the
//     turn that journals the position past it: once, whatever crashes.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "actord/actord.hpp"
#include "actord/json.hpp"
#include "actord/settings.hpp"
#include "line_splitter.hpp"
#include "log_file.hpp"
#include "position.hpp"

namespace io {

struct TailSettings {
  std::string path;
  std::string topic;
  actord::ByteSize max_line{64 << 10};
  std::string from = "beginning";
  std::chrono::milliseconds poll{250};
  uint32_t window = 512;
  bool ack = false;
  std::chrono::milliseconds retry{5'000};
  uint32_t max_attempts = 5;

  static auto fields() {
    using S = TailSettings;
    return actord::settings(actord::setting("path", &S::path).required().min(1),
                            actord::setting("topic", &S::topic).required().min(1),
                            actord::setting("max_line", &S::max_line).min(16).max(1 << 20),
                            actord::setting("from", &S::from).one_of({"beginning", "end"}),
                            actord::setting("poll", &S::poll).min(10).max(60'000),
                            actord::setting("window", &S::window).min(1).max(8'192),
                            actord::setting("ack", &S::ack),
                            actord::setting("retry", &S::retry).min(100),
                            actord::setting("max_attempts", &S::max_attempts).min(1).max(1'000));
  }
};

class Tail {
 public:
  static constexpr uint32_t kStateVersion = 1;

  explicit Tail(const actord::Setup& setup);

  static constexpr auto handlers() {
    return actord::table(
        actord::on("io.Ack", &Tail::acknowledge), actord::on("io.TailStatus", &Tail::status),
        actord::on_timer("poll", &Tail::poll), actord::on_timer("more", &Tail::work));
  }

  void start(actord::Context& context);
  void shutdown_soon(actord::Context& context);
  void file_changed(actord::Context& context, std::string_view path);
  void undelivered(actord::Context& context, const actord::Message& notice);

  actord::Result<void> apply(const actord::Event& event);
  std::string save() const { return actord::to_text(position_); }
  actord::Result<void> load(uint32_t version, std::string_view body);

 private:
  struct Entry {
    enum class Kind : uint8_t { kLine, kRejected, kMoved };
    Kind kind = Kind::kLine;
    uint64_t seq = 0;  // of lines and rejected ones
    uint64_t begin = 0;
    std::string text;
    uint64_t replaced = 0;  // bytes of it that were no text
    std::string why;        // rejected: words for the dead letter
    Position after;         // where the file stands behind it
    bool settled = false;
    uint32_t attempts = 0;
    uint64_t sent_ms = 0;
  };

  // Timers and messages.
  void poll(actord::Context& context);
  void work(actord::Context& context);
  void acknowledge(actord::Context& context, const actord::Message& message);
  void status(actord::Context& context);

  // Reading.
  bool attach(actord::Context& context);
  bool attach_first(actord::Context& context);
  bool attach_lost(actord::Context& context, const std::string& why);
  void read(actord::Context& context);
  bool read_chunk(actord::Context& context);
  void at_end(actord::Context& context);
  void move_to(LogFile file, uint64_t offset);
  void take(actord::Context& context, Line line);
  bool known_place(const LogFile& file) const;
  bool open_for_more() const;

  // The window.
  void push(Entry entry, std::string_view tail, uint64_t end);
  Entry* find(uint64_t seq);
  void send(actord::Context& context, Entry& entry);
  void retry(actord::Context& context);
  bool overdue(const Entry& entry, uint64_t now_ms) const;
  void settle(actord::Context& context);
  void reject(actord::Context& context, const Entry& entry);
  void journal(actord::Context& context);
  actord::Json line_json(const actord::Context& context, const Entry& entry) const;
  std::string source(const actord::Context& context) const;
  void complain(actord::Context& context, const std::string& text);

  const TailSettings settings_;

  Position position_;  // journaled
  Position settled_;   // ahead of it in memory, by what is settled and not yet journaled

  std::optional<LogFile> file_;
  LineSplitter splitter_;
  int64_t written_ns_ = 0;  // when the file was last written, at the last read
  std::string recent_;      // the last bytes read, to notice a file rewritten under us
  uint64_t next_seq_ = 1;
  std::deque<Entry> window_;
  uint64_t replaced_since_ms_ = 0;  // when another file was first seen in place of ours; 0: not
  uint64_t last_ack_ms_ = 0;
  bool urgent_ = false;  // the position has to be journaled in this turn
  bool draining_ = false;
  std::string last_complaint_;
};

}  // namespace io
