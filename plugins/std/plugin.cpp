// The plugin `std`: patterns as kinds, for a topology that needs no code of its own.
#include "actord/actord.hpp"
#include "breaker.hpp"
#include "pool.hpp"
#include "router.hpp"

ACTORD_MANIFEST(R"json({
  "id": "std", "version": "1.0.0", "doc": "Patterns without code: routers, pools, circuit breakers.",
  "kinds": [{
    "name": "Router",
    "doc": "Passes each message on to one of several actors, or to all of them.",
    "settings": {
      "strategy": {"type": "string", "default": "round_robin",
                   "enum": ["round_robin", "random", "least_loaded", "consistent_hash", "broadcast"],
                   "doc": "consistent_hash goes by the message's key; without one, round_robin"},
      "tag": {"type": "string", "default": "", "doc": "the actors that carry it, as they come and go"},
      "targets": {"type": "array", "default": [], "doc": "or these: a list of paths"},
      "when_empty": {"type": "string", "default": "reject", "enum": ["reject", "hold"],
                     "doc": "with nobody there: a dead letter, or kept until somebody is (10,000 messages)"}
    }
  }, {
    "name": "Pool",
    "doc": "Workers of one kind, its children, and one queue for them. A worker answers each job.",
    "settings": {
      "worker": {"type": "string", "required": true, "min": 3, "doc": "their kind, plugin.Type"},
      "settings": {"type": "object", "default": {}, "doc": "their settings"},
      "size": {"type": "integer", "default": 4, "min": 1, "max": 1000, "doc": "how many"},
      "queue": {"type": "integer", "default": 1000, "min": 1, "max": 9000,
                "doc": "jobs that wait, at most"},
      "overflow": {"type": "string", "default": "reject", "enum": ["reject", "drop_oldest"],
                   "doc": "which job goes when the queue is full"},
      "assign": {"type": "string", "default": "any", "enum": ["any", "by_key"],
                 "doc": "by_key: the same key to the same worker. In any case jobs of one key keep their order"},
      "attempts": {"type": "integer", "default": 1, "min": 1, "max": 1000, "doc": "of one job"},
      "job_timeout": {"type": "duration", "default": "30s", "min": "1ms",
                      "doc": "a worker that takes longer is stopped and replaced"}
    }
  }, {
    "name": "Breaker",
    "doc": "Rejects at once what goes to an actor that fails often, until it works again.",
    "settings": {
      "target": {"type": "path", "required": true, "doc": "the actor behind it"},
      "timeout": {"type": "duration", "default": "5s", "min": "1ms", "doc": "of a request"},
      "failures": {"type": "integer", "default": 5, "min": 0, "max": 1000000,
                   "doc": "in a row that open it; 0: they do not"},
      "window": {"type": "integer", "default": 0, "min": 0, "max": 100000,
                 "doc": "requests of which failure_rate is taken; 0: it is not"},
      "failure_rate": {"type": "number", "default": 0.5, "min": 0, "max": 1,
                       "doc": "of the last `window` requests that opens it"},
      "slow": {"type": "duration", "default": "0s",
               "doc": "a request that takes longer counts as failed; 0s: none does"},
      "cool_down": {"type": "duration", "default": "10s", "min": "1ms",
                    "doc": "how long it stays open before one request is tried"},
      "growth": {"type": "number", "default": 2, "min": 1, "max": 100,
                 "doc": "of the cool-down, each time that request fails"},
      "cool_down_max": {"type": "duration", "default": "5m", "min": "1ms",
                        "doc": "the longest cool-down"}
    }
  }]
})json");
ACTORD_PLUGIN("std", "1.0.0", actord::Kind<standard::Router>("Router"),
              actord::Kind<standard::Pool>("Pool"), actord::Kind<standard::Breaker>("Breaker"));
