// The plugin `io`: its manifest and its kinds.
#include "actord/actord.hpp"
#include "tail.hpp"

ACTORD_MANIFEST(R"json({
  "id": "io", "version": "1.0.0", "doc": "Input from the outside: files.",
  "kinds": [{
    "name": "Tail", "persistent": true, "state_version": 1,
    "doc": "Follows a text file and publishes its lines, numbered; survives crashes, rotation and truncation.",
    "accepts": ["io.Ack", "io.TailStatus"], "emits": ["io.Line", "io.TailStatus"],
    "settings": {
      "path": {"type": "string", "required": true, "min": 1, "doc": "the file to follow"},
      "topic": {"type": "string", "required": true, "min": 1, "doc": "where its lines are published"},
      "max_line": {"type": "size", "default": "64KiB", "min": "16B", "max": "1MiB",
                   "doc": "a longer line becomes a dead letter"},
      "from": {"type": "string", "default": "beginning", "enum": ["beginning", "end"],
               "doc": "where to start in a file never seen before"},
      "poll": {"type": "duration", "default": "250ms", "min": "10ms", "max": "60s",
               "doc": "how often to look for changes, besides the kernel's hints"},
      "window": {"type": "integer", "default": 512, "min": 1, "max": 8192,
                 "doc": "with ack: lines published and not yet settled, at most"},
      "ack": {"type": "boolean", "default": false,
              "doc": "consumers answer io.Ack; lines are published again until they do"},
      "retry": {"type": "duration", "default": "5s", "min": "100ms",
                "doc": "with ack: how long to wait before publishing again"},
      "max_attempts": {"type": "integer", "default": 5, "min": 1, "max": 1000,
                       "doc": "with ack: after so many a line becomes a dead letter"}
    }
  }]
})json");
ACTORD_PLUGIN("io", "1.0.0", actord::Kind<io::Tail>("Tail"));
