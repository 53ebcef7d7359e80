// The plugin `pkgwatch`: its manifest and its kinds.
#include "actord/actord.hpp"
#include "parser.hpp"
#include "router.hpp"
#include "stats.hpp"
#include "worker.hpp"

ACTORD_MANIFEST(R"json({
  "id": "pkgwatch", "version": "1.0.0", "doc": "Follows dpkg's log: which packages are installed, and how that came.",
  "kinds": [
    {"name": "Parser", "persistent": false,
     "doc": "Takes lines of dpkg's log apart and sends them to the router.",
     "accepts": ["io.Line"], "emits": ["pkgwatch.Record", "pkgwatch.Unparsed"],
     "settings": {
       "router": {"type": "path", "required": true, "doc": "path of the pkgwatch.Router"}}},
    {"name": "Router", "persistent": false,
     "doc": "Keeps a pool of workers and gives each package to one of them; answers for all.",
     "accepts": ["pkgwatch.Record", "pkgwatch.Unparsed", "pkgwatch.Summary", "pkgwatch.Package"],
     "emits": ["pkgwatch.Counts", "pkgwatch.Summary", "pkgwatch.Unavailable"],
     "settings": {
       "workers": {"type": "integer", "default": 4, "min": 1, "max": 64,
                   "doc": "size of the pool; another size starts new, empty state"},
       "timeout": {"type": "duration", "default": "3s", "min": "1ms",
                   "doc": "how long a worker may take to answer for a summary"}}},
    {"name": "Worker", "persistent": true, "state_version": 2,
     "doc": "The state of some packages; started by the router.",
     "accepts": ["pkgwatch.Record", "pkgwatch.Unparsed", "pkgwatch.Counts", "pkgwatch.Package"],
     "emits": ["io.Ack", "pkgwatch.Counts", "pkgwatch.Package"],
     "settings": {}},
    {"name": "Stats", "persistent": false,
     "doc": "Answers questions about all packages, through the router.",
     "accepts": ["pkgwatch.Summary", "pkgwatch.Package"], "emits": ["pkgwatch.Summary", "pkgwatch.Package"],
     "settings": {
       "router": {"type": "path", "required": true, "doc": "path of the pkgwatch.Router"}}}
  ]
})json");
ACTORD_PLUGIN("pkgwatch", "1.0.0", actord::Kind<pkgwatch::Parser>("Parser"),
              actord::Kind<pkgwatch::Router>("Router"), actord::Kind<pkgwatch::Worker>("Worker"),
              actord::Kind<pkgwatch::Stats>("Stats"));
