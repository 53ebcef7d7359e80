// Position: up to where a file has been dealt with. What the journal of a tail holds.
//
// The bytes just before the offset leave a mark (their hash), so that after a restart the tail can
// tell the file it knows from another one in its place: truncated and grown again, or a new file
// with an old inode number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "actord/json.hpp"
#include "log_file.hpp"

namespace io {

struct Position {
  FileId file;  // none: no file has been seen yet
  uint64_t offset = 0;
  uint64_t mark = 0;  // hash of the mark_size bytes before offset
  uint64_t mark_size = 0;
  uint64_t seq = 0;        // number of the last line that is settled
  uint64_t ahead = 0;      // lines up to seq + ahead may have been published
  uint64_t rejected = 0;   // lines too long or without an end, ever
  uint64_t given_up = 0;   // lines nobody acknowledged, ever
  std::string run;         // life of the numbering; empty: begun by an older build
  bool begun = false;      // a file that appears from here on is new
  int64_t written_ns = 0;  // when the file was last written, as far as it had been read

  static constexpr std::string_view kType = "io.Position";
  static constexpr uint32_t kVersion = 1;

  friend bool operator==(const Position&, const Position&) = default;
};

inline void to_json(actord::Json& json, const Position& p) {
  json = {{"v", Position::kVersion},
          {"dev", p.file.device},
          {"ino", p.file.inode},
          {"offset", p.offset},
          {"mark", p.mark},
          {"mark_size", p.mark_size},
          {"seq", p.seq},
          {"ahead", p.ahead},
          {"rejected", p.rejected},
          {"given_up", p.given_up},
          {"run", p.run},
          {"begun", p.begun},
          {"written_ns", p.written_ns}};
}
inline void from_json(const actord::Json& json, Position& p) {
  json.at("dev").get_to(p.file.device);
  json.at("ino").get_to(p.file.inode);
  json.at("offset").get_to(p.offset);
  json.at("mark").get_to(p.mark);
  json.at("mark_size").get_to(p.mark_size);
  json.at("seq").get_to(p.seq);
  json.at("ahead").get_to(p.ahead);
  json.at("rejected").get_to(p.rejected);
  json.at("given_up").get_to(p.given_up);
  json.at("begun").get_to(p.begun);
  p.run = json.value("run", "");
  p.written_ns = json.value("written_ns", int64_t{0});
}

inline constexpr uint64_t kMarkBytes = 64;

// FNV-1a: stable across builds and machines, which std::hash is not.
constexpr uint64_t mark_of(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

}  // namespace io
