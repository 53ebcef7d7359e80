#include "tail.hpp"

#include <algorithm>

#include "utf8.hpp"

namespace io {

using actord::Context, actord::Error, actord::Event, actord::Json, actord::Message, actord::Result;
using namespace std::chrono_literals;

namespace {

// One turn reads and publishes at most this much, so that it ends within a few milliseconds.
constexpr uint64_t kChunkBytes = 64 << 10;
constexpr uint32_t kLinesPerTurn = 512;
// Patience grows with the attempts, up to this many times `retry`.
constexpr uint64_t kPatienceMax = 4;

// 64 random bits: two journals of one path will not meet.
std::string new_run(const Context& context) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string run;
  for (uint64_t bits = context.random(); run.size() < 16; bits >>= 4) run += kDigits[bits & 15];
  return run;
}

std::string place(const std::string& path, uint64_t offset) {
  return path + " at offset " + std::to_string(offset);
}

}  // namespace

Tail::Tail(const actord::Setup& setup)
    : settings_(actord::settings_of<TailSettings>(setup)), splitter_(settings_.max_line.bytes) {}

void Tail::start(Context& context) {
  settled_ = position_;
  next_seq_ = position_.seq + 1;
  // With an empty journal the numbers begin at 1, also those of a tail that had them under another
  // persistence id: consumers must not take its lines for those they have. Journaled before any line.
  if (position_ == Position()) settled_.run = new_run(context);
  // Never less than before: an earlier instance may have published that far.
  const uint64_t ahead = std::max<uint64_t>(position_.ahead, settings_.ack ? settings_.window : 0);
  settled_.ahead = ahead;
  journal(context);
  if (context.host().files != nullptr) context.watch_file(settings_.path);
  context.set_periodic_timer("poll", settings_.poll);
  work(context);
}

void Tail::poll(Context& context) {
  retry(context);
  urgent_ = urgent_ || !(settled_ == position_);
  work(context);
}

void Tail::file_changed(Context& context, std::string_view) { work(context); }

void Tail::shutdown_soon(Context& context) {
  draining_ = true;
  urgent_ = true;
  settle(context);
}

// ---- acknowledgements ----

void Tail::acknowledge(Context& context, const Message& message) {
  const auto json = message.as<Json>();
  std::vector<uint64_t> seqs;
  if (json && json->is_object()) {
    const auto add = [&](const Json& value) {
      if (value.is_number_unsigned()) seqs.push_back(value.get<uint64_t>());
    };
    if (json->contains("seq")) add(json->at("seq"));
    if (json->contains("seqs")) {
      for (const Json& value : json->at("seqs")) add(value);
    }
  }
  if (seqs.empty()) return context.reject("io.Ack wants {\"seq\": N} or {\"seqs\": [N, ...]}");
  for (const uint64_t seq : seqs) {
    if (Entry* entry = find(seq)) entry->settled = true;
  }
  last_ack_ms_ = context.now_ms();
  work(context);
}

// It is in the dead letters already; waiting for its acknowledgement would be waiting for nobody.
void Tail::undelivered(Context& context, const Message& notice) {
  if (Entry* entry = find(notice.token())) entry->settled = true;
  work(context);
}

void Tail::status(Context& context) {
  context.reply("io.TailStatus", actord::to_text(Json{{"path", settings_.path},
                                                      {"reading", file_.has_value()},
                                                      {"read_offset", splitter_.read_offset()},
                                                      {"published", next_seq_ - 1},
                                                      {"settled", settled_.seq},
                                                      {"journaled", position_.seq},
                                                      {"in_flight", window_.size()},
                                                      {"rejected", position_.rejected},
                                                      {"given_up", position_.given_up}}));
}

// ---- reading ----

void Tail::work(Context& context) {
  settle(context);
  if (!draining_) read(context);
  // What needs no acknowledgement, or settled a barrier, is behind us at once.
  settle(context);
}

bool Tail::open_for_more() const {
  const bool barrier = !window_.empty() && window_.back().kind == Entry::Kind::kMoved;
  return !barrier && (!settings_.ack || next_seq_ <= position_.seq + settings_.window);
}

void Tail::read(Context& context) {
  if (!file_ && !attach(context)) return;
  bool chunk_read = false;
  for (uint32_t lines = 0; open_for_more();) {
    if (lines == kLinesPerTurn) return context.set_timer("more", 0ms);
    if (auto line = splitter_.next()) {
      take(context, std::move(*line));
      ++lines;
    } else if (chunk_read) {
      return context.set_timer("more", 0ms);
    } else if (!read_chunk(context)) {
      return;
    } else {
      chunk_read = true;
    }
  }
  // A barrier that only waits for its journal entry, written at the end of this turn, opens by then.
  if (window_.size() == 1 && window_.back().kind == Entry::Kind::kMoved)
    context.set_timer("more", 0ms);
}

// False: nothing more for now.
bool Tail::read_chunk(Context& context) {
  const uint64_t offset = splitter_.read_offset();
  auto bytes = file_->read(offset - recent_.size(), recent_.size() + kChunkBytes);
  if (!bytes) return complain(context, settings_.path + ": " + bytes.error().text), false;
  if (!bytes->starts_with(recent_)) {
    context.log_warn(place(settings_.path, offset) +
                     ": the file was truncated or rewritten; reading it from the start");
    move_to(std::move(*file_), 0);
    return false;
  }
  if (bytes->size() == recent_.size()) return at_end(context), false;
  replaced_since_ms_ = 0;
  written_ns_ = file_->written_ns();
  splitter_.push(std::string_view(*bytes).substr(recent_.size()));
  recent_ = bytes->substr(bytes->size() - std::min<uint64_t>(bytes->size(), kMarkBytes));
  return true;
}

// Is there another file to go on with? The writer may have ours open for a while after it was
// renamed: only when it stayed at its end for two polls it is finished.
void Tail::at_end(Context& context) {
  auto next = LogFile::after(settings_.path, *file_);
  if (!next) return complain(context, next.error().text);
  if (!next->has_value()) {
    replaced_since_ms_ = 0;
    return;
  }
  if (replaced_since_ms_ == 0) replaced_since_ms_ = context.now_ms();
  const auto stayed = context.now_ms() - replaced_since_ms_;
  if (stayed < 2 * static_cast<uint64_t>(settings_.poll.count())) return;
  if (splitter_.rest_size() > 0) {
    Entry entry;
    entry.kind = Entry::Kind::kRejected;
    entry.begin = splitter_.rest_begin();
    entry.text = clean_text(splitter_.rest().substr(0, LineSplitter::kHeadBytes), &entry.replaced);
    entry.why = "the last line of a rotated file has no end: " + place(settings_.path, entry.begin);
    const uint64_t end = splitter_.read_offset();
    push(std::move(entry), recent_, end);
  }
  if (LogFile::find(settings_.path, file_->id())) {
    context.log_info(settings_.path + " was rotated; going on with the next file");
  } else {
    context.log_warn("the file last read as " + place(settings_.path, splitter_.read_offset()) +
                     " was read to its end and is no longer beside " + settings_.path +
                     "; going on with the oldest file written after it. Files that came in between "
                     "and were removed too are unknown: keep more of them, or rotate less often");
  }
  move_to(std::move(**next), 0);
}

// The barrier: what is read next comes from another place.
void Tail::move_to(LogFile file, uint64_t offset) {
  file_ = std::move(file);
  written_ns_ = file_->written_ns();
  splitter_.reset(offset);
  recent_.clear();
  replaced_since_ms_ = 0;
  Entry moved;
  moved.kind = Entry::Kind::kMoved;
  moved.settled = true;
  moved.seq = next_seq_ - 1;
  push(std::move(moved), {}, offset);
}

bool Tail::known_place(const LogFile& file) const {
  if (file.size() < position_.offset) return false;
  const auto bytes = file.read(position_.offset - position_.mark_size, position_.mark_size);
  return bytes && mark_of(*bytes) == position_.mark;
}

// Finds where to read, once per instance. False: there is nothing to read yet.
bool Tail::attach(Context& context) {
  if (!position_.file) return attach_first(context);
  auto file = LogFile::find(settings_.path, position_.file);
  const bool same_number = file.has_value();
  // An inode number may have passed to a new file, and copytruncate leaves the bytes in a copy.
  if ((!file || !known_place(*file)) && position_.mark_size > 0) {
    file =
        LogFile::find_if(settings_.path, [&](const LogFile& other) { return known_place(other); });
  }
  if (!file || !known_place(*file)) {
    return attach_lost(context, same_number ? "was truncated or rewritten while nobody watched"
                                            : "is gone, and with it what was written to it last");
  }
  file_ = std::move(*file);
  written_ns_ = position_.written_ns;
  splitter_.reset(position_.offset);
  recent_.clear();
  return true;
}

// An earlier instance may have published lines that cannot be read again: their numbers are used.
bool Tail::attach_lost(Context& context, const std::string& why) {
  // Without a time (a position of an older build) no rotated file can be told from those read before.
  auto next = position_.written_ns == 0
                  ? LogFile::open(settings_.path)
                  : LogFile::written_since(settings_.path, position_.written_ns);
  if (!next) return complain(context, next.error().text), false;
  if (!next->has_value())
    return complain(context, settings_.path + " does not exist; waiting for it"), false;
  context.log_warn(
      "the file last read as " + place(settings_.path, position_.offset) + " " + why +
      ": how much is unknown. Reading from the start of the oldest file written since");
  next_seq_ = position_.seq + position_.ahead + 1;
  move_to(std::move(**next), 0);
  return true;
}

bool Tail::attach_first(Context& context) {
  auto current = LogFile::open(settings_.path);
  if (!current) return complain(context, current.error().text), false;
  if (!current->has_value()) {
    // From here on a file that appears is new, so that all of it counts: also after a crash.
    urgent_ = !settled_.begun;
    settled_.begun = true;
    return complain(context, settings_.path + " does not exist; waiting for it"), false;
  }
  LogFile& file = **current;
  uint64_t offset = 0;
  if (settings_.from == "end" && !settled_.begun) {
    const uint64_t size = file.size();
    const uint64_t back = std::min<uint64_t>(size, settings_.max_line.bytes);
    const auto bytes = file.read(size - back, back);
    const auto newline = bytes ? bytes->rfind('\n') : std::string::npos;
    offset = newline == std::string::npos ? size : size - back + newline + 1;
  }
  move_to(std::move(file), offset);
  return true;
}

void Tail::take(Context& context, Line line) {
  Entry entry;
  entry.seq = next_seq_;
  entry.begin = line.begin;
  entry.text = clean_text(line.text, &entry.replaced);
  if (line.too_long) {
    entry.kind = Entry::Kind::kRejected;
    entry.why = "line " + std::to_string(entry.seq) + " of " + place(settings_.path, line.begin) +
                " has " + std::to_string(line.size()) + " bytes, more than max_line (" +
                std::to_string(settings_.max_line.bytes) + ")";
    line.text.clear();
  }
  // The mark is taken of the bytes in the file, not of the cleaned text.
  push(std::move(entry), line.text + "\n", line.end);
  Entry& taken = window_.back();
  if (taken.kind == Entry::Kind::kLine) send(context, taken);
}

// ---- the window ----

// tail: the bytes before `end`, as far as they are known.
void Tail::push(Entry entry, std::string_view tail, uint64_t end) {
  if (entry.kind != Entry::Kind::kMoved) entry.seq = next_seq_++;
  if (tail.size() > kMarkBytes) tail.remove_prefix(tail.size() - kMarkBytes);
  entry.after.file = file_->id();
  entry.after.offset = end;
  entry.after.mark = mark_of(tail);
  entry.after.mark_size = tail.size();
  entry.after.seq = entry.seq;
  entry.after.begun = true;
  entry.after.written_ns = written_ns_;
  if (!settings_.ack || entry.kind == Entry::Kind::kRejected) entry.settled = true;
  window_.push_back(std::move(entry));
}

// Numbers in the window have no gap: a barrier is its only entry without a line, and its last.
Tail::Entry* Tail::find(uint64_t seq) {
  if (window_.empty() || seq < window_.front().seq) return nullptr;
  const uint64_t index = seq - window_.front().seq;
  if (index >= window_.size() || window_[index].seq != seq) return nullptr;
  return window_[index].kind == Entry::Kind::kLine ? &window_[index] : nullptr;
}

Json Tail::line_json(const Context& context, const Entry& entry) const {
  Json json{{"path", settings_.path},  {"line", entry.text},   {"seq", entry.seq},
            {"offset", entry.begin},   {"ack", settings_.ack}, {"source", source(context)},
            {"settled", position_.seq}};
  if (entry.replaced > 0) json["replaced"] = entry.replaced;
  return json;
}

std::string Tail::source(const Context& context) const {
  std::string name(context.path());
  return position_.run.empty() ? name : name + "#" + position_.run;
}

void Tail::send(Context& context, Entry& entry) {
  entry.attempts += 1;
  entry.sent_ms = context.now_ms();
  context.publish(settings_.topic, "io.Line", actord::to_text(line_json(context, entry)),
                  {.key = std::string_view(settings_.path).substr(0, 255),
                   .token = entry.seq,
                   .notify = settings_.ack,
                   .edge = true});
}

// A consumer that is slow but alive is not hurried: patience counts from its last sign of life, up to
// a point, so that one lost line is not forgotten behind a stream of others.
bool Tail::overdue(const Entry& entry, uint64_t now_ms) const {
  const uint64_t doubled = entry.attempts > 16 ? kPatienceMax : uint64_t{1} << (entry.attempts - 1);
  const uint64_t patience =
      static_cast<uint64_t>(settings_.retry.count()) * std::min(doubled, kPatienceMax);
  return now_ms >= std::max(entry.sent_ms, last_ack_ms_) + patience ||
         now_ms >= entry.sent_ms + 8 * patience;
}

void Tail::retry(Context& context) {
  const uint64_t now_ms = context.now_ms();
  const auto first = std::find_if(window_.begin(), window_.end(),
                                  [](const Entry& entry) { return !entry.settled; });
  if (first == window_.end() || !overdue(*first, now_ms)) return;
  for (auto entry = first; entry != window_.end(); ++entry) {
    if (entry->settled) continue;
    if (entry->attempts < settings_.max_attempts) {
      send(context, *entry);
    } else if (overdue(*entry, now_ms)) {
      entry->kind = Entry::Kind::kRejected;
      entry->settled = true;
      entry->why = "line " + std::to_string(entry->seq) + " of " +
                   place(settings_.path, entry->begin) + " was published " +
                   std::to_string(entry->attempts) + " times and never acknowledged";
    }
  }
}

// Moves the position over what is settled at the front, and journals it when that is due.
void Tail::settle(Context& context) {
  while (!window_.empty() && window_.front().settled) {
    const Entry& front = window_.front();
    const Position before = settled_;
    settled_ = front.after;
    settled_.ahead = before.ahead;
    settled_.run = before.run;
    settled_.rejected = before.rejected;
    settled_.given_up = before.given_up;
    if (front.kind == Entry::Kind::kRejected) reject(context, front);
    if (front.kind == Entry::Kind::kMoved) urgent_ = true;
    window_.pop_front();
  }
  const uint64_t step = settings_.ack ? std::max<uint64_t>(1, settings_.window / 4) : 1;
  if (urgent_ || draining_ || settled_.seq >= position_.seq + step) journal(context);
}

void Tail::reject(Context& context, const Entry& entry) {
  (entry.attempts == 0 ? settled_.rejected : settled_.given_up) += 1;
  urgent_ = true;
  Json json = line_json(context, entry);
  if (entry.attempts == 0) json["cut"] = true;
  context.reject("io.Line", actord::to_text(json), entry.why, {.edge = true});
}

void Tail::journal(Context& context) {
  urgent_ = false;
  if (settled_ == position_) return;
  context.persist(settled_);
}

void Tail::complain(Context& context, const std::string& text) {
  if (text == last_complaint_) return;
  last_complaint_ = text;
  context.log_warn(text);
}

// ---- state ----

Result<void> Tail::apply(const Event& event) {
  if (event.type() != Position::kType || event.version() != Position::kVersion) {
    return Error{ACTORD_FAIL_STATE, "no event of io.Tail: " + std::string(event.type()) +
                                        " version " + std::to_string(event.version())};
  }
  ACTORD_TRY_ASSIGN(position_, event.as<Position>());
  return {};
}

Result<void> Tail::load(uint32_t version, std::string_view body) {
  if (version != kStateVersion) {
    return Error{ACTORD_FAIL_STATE,
                 "snapshot version " + std::to_string(version) + " is not known"};
  }
  ACTORD_TRY_ASSIGN(position_, actord::Codec<Position>::decode(body));
  return {};
}

}  // namespace io
