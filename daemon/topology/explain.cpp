// The examples are whole topologies: a test gives each wrong one to the loader and expects its code,
// and each right one and expects no finding.
#include "topology/explain.hpp"

#include <algorithm>
#include <cctype>

namespace actord::host {
namespace {

const std::vector<Explanation> kExplanations = {
    {"E101", "the file is no YAML",
     "The text cannot be read as YAML: a tab in the indentation, a { or [ or quote that is never "
     "closed, a line\n"
     "that fits no indentation, an alias without its anchor, a tag, a second document.",
     "Nothing after the place can be trusted, so only one such error is reported for each file.",
     "version: 1\nhost:\n\tname: plant-7\n", "version: 1\nhost:\n  name: plant-7\n"},
    {"E102", "unknown key",
     "A map holds a key that means nothing there. Every map is closed: what is not known is "
     "refused, with the\n"
     "nearest known key and all allowed ones. Keys at the top that begin with x- are free, for "
     "notes and anchors.",
     "A misspelled option that is ignored in silence runs with its default, and nobody notices "
     "until it hurts.",
     "version: 1\nhost: {wokers: 4}\n",
     "version: 1\nhost: {workers: 4}\nx-note: workers is one per core\n"},
    {"E103", "given twice",
     "The same key stands twice in one map, or an actor, a plugin or a section is defined in two "
     "files.",
     "Nothing is merged and nothing wins in silence: the two places are named, and one must go.",
     "version: 1\nlogging:\n  level: info\n  level: debug\n",
     "version: 1\nlogging:\n  level: debug\n"},
    {"E104", "wrong value",
     "A value is missing, has the wrong type or is out of its range. Booleans are only true and "
     "false; yes, no, on\n"
     "and off are text. A number in quotes is text.",
     "Where a text is wanted, a plain 5 or true is that text (`name: 5`). Nothing else is guessed "
     "from another type.",
     "version: 1\nhost: {workers: four}\n", "version: 1\nhost: {workers: auto}\n"},
    {"E105", "wrong duration or size",
     "Durations need a unit: ms, s, m, h, d (\"250ms\", \"1h30m\"). Sizes need one: B, KiB, MiB, "
     "GiB, TiB. Some must\n"
     "fit together: shutdown.deadline is not shorter than shutdown.drain, backoff.max not shorter "
     "than backoff.initial.",
     "A bare 30 is seconds to one reader and milliseconds to the next.",
     "version: 1\nhost: {shutdown: {drain: 20}}\n", "version: 1\nhost: {shutdown: {drain: 20s}}\n"},
    {"E106", "environment variable",
     "${NAME} names a variable that is not set, or is not well formed. ${NAME:-default} has a "
     "default, $$ is a\n"
     "dollar sign. Variables are replaced in values only, once, after the YAML was read; what they "
     "hold stays text.",
     "An empty text in place of a missing variable makes paths like /data out of $HOME/data.",
     "version: 1\nhost:\n  data_dir: ${ACTORD_EXPLAIN_UNSET}\n",
     "version: 1\nhost:\n  data_dir: ${ACTORD_EXPLAIN_UNSET:-/var/lib/actord}\n"},
    {"E107", "a file cannot be read",
     "The topology or a file it includes does not exist, cannot be read, is no regular file "
     "(a device, a\n"
     "pipe), is larger than 16 MiB, or includes itself. A pattern with * or ? may match nothing; a "
     "plain name must\n"
     "exist. Names are relative to the including file.",
     "A topology without one of its files is another topology.",
     "version: 1\ninclude: [missing.yaml]\n", "version: 1\ninclude: [conf.d/*.yaml]\n"},
    {"E201", "unknown kind",
     "A kind is PLUGIN.TYPE. The plugin must be declared under plugins:, and its manifest must "
     "offer the type.",
     "The manifest is read from the plugin's file without running it, so this is known before "
     "anything starts.",
     "version: 1\nplugins: {orders: {}}\nactors:\n  intake: {kind: orders.Intakee}\n",
     "version: 1\nplugins: {orders: {}}\nactors:\n  intake: {kind: orders.Intake}\n"},
    {"E202", "the plugin cannot be loaded from its file",
     "The file was not found in host.plugin_dirs, a library it needs is missing, or the system "
     "refuses to map it\n"
     "(a noexec mount, NoExecPaths= of the unit).",
     "The message names what was searched or missing. `ldd FILE.so` shows what a plugin needs.",
     "version: 1\nplugins: {orders: {path: ordres.so}}\n",
     "version: 1\nplugins: {orders: {path: orders.so}}\n"},
    {"E203", "the file is no plugin for this host",
     "It has no actord manifest (it was not linked with the SDK), was built for another machine, "
     "needs another\n"
     "version of the SDK, or its manifest names another plugin than the topology does.",
     "The manifest is judged before any code is mapped. Rebuild the plugin with the SDK of this "
     "host.",
     "version: 1\nplugins: {orders: {path: libz.so.1}}\n",
     "version: 1\nplugins: {orders: {path: orders.so}}\n"},
    {"E204", "the plugin is not the pinned one",
     "The file's sha256 differs from the one in the topology.",
     "A pinned plugin changes only together with the topology. If the new file is meant, write its "
     "sha256, or\n"
     "leave sha256 out.",
     "version: 1\nplugins:\n  orders: {sha256: "
     "0000000000000000000000000000000000000000000000000000000000000000}\n",
     "version: 1\nplugins:\n  orders: {path: orders.so}\n"},
    {"E301", "no such actor",
     "A subscription's `to`, an entry of `after`, or a setting whose type is path names an actor "
     "that is not in the\n"
     "topology, or one without a kind, which cannot receive. Below an actor with a kind a setting "
     "may name any path:\n"
     "what code spawns is not in the topology.",
     "Messages to it would all become dead letters.",
     "version: 1\nplugins: {orders: {}}\nactors:\n  ledger: {kind: orders.Ledger}\n"
     "subscriptions:\n  - {topic: orders.created, to: /ledgr}\n",
     "version: 1\nplugins: {orders: {}}\nactors:\n  ledger: {kind: orders.Ledger}\n"
     "subscriptions:\n  - {topic: orders.created, to: /ledger}\n"},
    {"E302", "a cycle in the start order",
     "An actor would have to be ready before it starts. Parents start before their children, are "
     "ready when all of\n"
     "them are, and an actor starts when everything in its `after` is ready; so `after` may name "
     "neither an\n"
     "ancestor nor a descendant.",
     "No order can fulfil it.",
     "version: 1\nplugins: {orders: {}}\nactors:\n  a: {kind: orders.Ledger, after: [/b]}\n  b: "
     "{kind: orders.Ledger, after: [/a]}\n",
     "version: 1\nplugins: {orders: {}}\nactors:\n  a: {kind: orders.Ledger}\n  b: {kind: "
     "orders.Ledger, after: [/a]}\n"},
    {"E303", "persistence: an id used twice, or an option without effect",
     "Two actors share one persistence id (an actor's path when it gives none), or something is "
     "configured where it\n"
     "does nothing: persistence of a kind that keeps no state; settings, mailbox or persistence "
     "without a kind.",
     "Two actors in one journal would destroy each other's state. An option without effect was "
     "meant to have one.",
     "version: 1\nplugins: {orders: {}}\nactors:\n  a: {kind: orders.Ledger, persistence: {id: "
     "book}}\n"
     "  b: {kind: orders.Ledger, persistence: {id: book}}\n",
     "version: 1\nplugins: {orders: {}}\nactors:\n  a: {kind: orders.Ledger, persistence: {id: "
     "book}}\n"
     "  b: {kind: orders.Ledger, persistence: {id: copy}}\n"},
    {"E304", "a setting does not fit",
     "The settings of an actor are checked against the schema in its plugin's manifest: type, "
     "range, allowed values,\n"
     "required settings, unknown names. `actord plugin inspect FILE.so` prints the schema.",
     "A plugin gets settings that are already checked, and never has to guess.",
     "version: 1\nplugins: {orders: {}}\nactors:\n  intake: {kind: orders.Intake, settings: "
     "{max_lines: 900}}\n",
     "version: 1\nplugins: {orders: {}}\nactors:\n  intake: {kind: orders.Intake, settings: "
     "{max_lines: 200}}\n"},
    {"E305", "no topic pattern",
     "Segments are split by . or / and are never empty. * stands for zero or more segments, ? for "
     "exactly one; each\n"
     "stands alone in its segment. At most 16 segments and 255 bytes.",
     "A pattern like orders* looks as if it matched orders.created, and would not.",
     "version: 1\nplugins: {orders: {}}\nactors:\n  ledger: {kind: orders.Ledger}\n"
     "subscriptions:\n  - {topic: orders*, to: /ledger}\n",
     "version: 1\nplugins: {orders: {}}\nactors:\n  ledger: {kind: orders.Ledger}\n"
     "subscriptions:\n  - {topic: orders.*, to: /ledger}\n"},
    {"E306", "no name or path",
     "Actor names are 1 to 64 of letters, digits, '.', '_' and '-'; plugin names the same without "
     "'.'. A path is\n"
     "absolute, /orders/ledger, with at most 16 names and 255 bytes.",
     "Names stand in logs, metrics, command lines and the store; they must need no quoting "
     "anywhere.",
     "version: 1\nplugins: {orders: {}}\nactors:\n  the ledger: {kind: orders.Ledger}\n",
     "version: 1\nplugins: {orders: {}}\nactors:\n  the-ledger: {kind: orders.Ledger}\n"},
    {"E307", "needs a process restart",
     "A reload changes a key that cannot change while the host runs: host.workers, host.data_dir, "
     "admin.socket,\n"
     "persistence.mode, dead_letters.retain.",
     "The whole reload is refused and the running generation goes on. Restart the process, or put "
     "the key back.\n"
     "The examples: what runs, and what a reload then refuses.",
     "version: 1\nhost: {workers: 8}\n", "version: 1\nhost: {workers: 4}\n"},
    {"E308", "no condition",
     "The `where` of a subscription cannot be read. It compares a part of the message's JSON "
     "payload ($.total,\n"
     "$.items[0].sku, $[\"a key\"]) or its type, key or topic, by ==, !=, <, <=, >, >=, in, "
     "contains, starts_with or\n"
     "ends_with; `exists $.total` asks whether a part is there; and, or, not and ( ) join. Texts "
     "stand in quotes.",
     "A condition that is misread keeps messages from an actor that waits for them.",
     "version: 1\nplugins: {orders: {}}\nactors:\n  ledger: {kind: orders.Ledger}\n"
     "subscriptions:\n  - {topic: orders.created, to: /ledger, where: '$.total > 100 && $.paid'}\n",
     "version: 1\nplugins: {orders: {}}\nactors:\n  ledger: {kind: orders.Ledger}\n"
     "subscriptions:\n  - {topic: orders.created, to: /ledger, where: '$.total > 100 and "
     "$.paid'}\n"},
    {"W210", "nothing reaches this actor",
     "The kind lists what it accepts and sends nothing, but no subscription leads to the actor, no "
     "parent could send\n"
     "to it, no setting names it, and no kind in the topology emits what it accepts.",
     "Usually a subscription was forgotten. Only a warning: an operator can still send to it.",
     "version: 1\nplugins: {audit: {}}\nactors:\n  sink: {kind: audit.Sink}\n",
     "version: 1\nplugins: {audit: {}}\nactors:\n  sink: {kind: audit.Sink}\n"
     "subscriptions:\n  - {topic: orders.*, to: /sink}\n"},
    {"W211", "a dropping mailbox on a persistent actor",
     "overflow: drop_oldest throws the oldest waiting messages away (they become dead letters) "
     "when the mailbox is full.",
     "An actor with a journal is usually one that must not lose messages. reject lets the sender "
     "know.",
     "version: 1\nplugins: {orders: {}}\nactors:\n  ledger: {kind: orders.Ledger, mailbox: "
     "{overflow: drop_oldest}}\n",
     "version: 1\nplugins: {orders: {}}\nactors:\n  ledger: {kind: orders.Ledger, mailbox: "
     "{overflow: reject}}\n"},
};

std::string indented(std::string_view text) {
  std::string out = "    ";
  for (const char c : text.substr(0, text.find_last_not_of('\n') + 1)) {
    if (c == '\t') {
      out += "<tab>";
    } else {
      out += c;
      if (c == '\n') out += "    ";
    }
  }
  return out + "\n";
}

}  // namespace

const std::vector<Explanation>& explanations() { return kExplanations; }

const Explanation* find_explanation(std::string_view code) {
  const auto same = [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; };
  for (const auto& explanation : kExplanations) {
    if (std::equal(code.begin(), code.end(), explanation.code.begin(), explanation.code.end(),
                   same))
      return &explanation;
  }
  return nullptr;
}

std::optional<std::string> explain(std::string_view code) {
  const Explanation* found = find_explanation(code);
  if (found == nullptr) return std::nullopt;
  std::string out;
  for (const auto part :
       {found->code, std::string_view(": "), found->title, std::string_view("\n\n"), found->what,
        std::string_view("\n\n"), found->why, std::string_view("\n\nWrong:\n\n")}) {
    out += part;
  }
  return out + indented(found->wrong) + "\nRight:\n\n" + indented(found->right);
}

}  // namespace actord::host
