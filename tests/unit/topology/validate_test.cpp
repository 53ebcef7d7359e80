#include "topology/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/topology_text.hpp"
#include "topology/plan.hpp"

namespace actord::host {
namespace {

using testing::check_text;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kPlugins = "version: 1\nplugins: {orders: {}, pricing: {}, io: {}, audit: {}}\n";

Spec spec_of(const std::string& text, const testing::Environment& variables = {}) {
  const auto checked = check_text(text, variables);
  EXPECT_TRUE(checked.spec) << checked.rendered();
  return checked.spec.value_or(Spec{});
}
std::string lines(const std::string& text) { return check_text(text).lines(); }

const ActorSpec& actor(const Spec& spec, const char* path) {
  return *spec.actor(ActorPath::parse(path).value());
}

TEST(Spec, AnEmptyTopologyHasTheDefaults) {
  Spec spec = spec_of("version: 1\n");
  EXPECT_TRUE(spec.present);
  spec.present = false;
  EXPECT_EQ(spec, Spec{});
}

TEST(Spec, ReadsEveryKeyOfTheHost) {
  const Spec spec = spec_of(
      "version: 1\nhost:\n  name: plant-7\n  workers: 4\n  data_dir: ${DATA}/actord\n  "
      "plugin_dirs: [/a, /b]\n"
      "  shutdown: {drain: 1s, deadline: 2s}\nlogging: {level: debug, format: json}\nadmin: "
      "{socket: /run/x.sock}\n"
      "persistence: {mode: memory}\ndead_letters: {retain: {count: 5, age: 1d, bytes: 1MiB}}\n",
      {{"DATA", "/srv"}});
  EXPECT_EQ(spec.host, (HostSpec{"plant-7", 4, "/srv/actord", {"/a", "/b"}, 1'000, 2'000, {}}));
  EXPECT_EQ(spec.logging, (LoggingSpec{log::Level::kDebug, log::Format::kJson}));
  EXPECT_EQ(spec.admin_socket, "/run/x.sock");
  EXPECT_EQ(spec.persistence_mode, PersistenceMode::kMemory);
  EXPECT_EQ(spec.dead_letters, (DeadLetterSpec{5, 86'400'000, 1 << 20}));
  EXPECT_EQ(spec.keys.find("host.workers", {}).text(), "t.yaml:4:12");
}

TEST(Spec, ActorOptionsComeFromDefaultsAndNotFromTheParent) {
  const Spec spec = spec_of(kPlugins +
                            "defaults: {mailbox: {capacity: 7}, supervision: {backoff: {initial: "
                            "1s}}, persistence: {hydrate: background}}\n"
                            "actors:\n  p:\n    kind: orders.Ledger\n    mailbox: {capacity: 9, "
                            "overflow: reject}\n    children:\n"
                            "      c: {kind: orders.Ledger, supervision: {limit: {then: "
                            "stop_host}}, persistence: {snapshot: {every: 0}}}\n");
  EXPECT_EQ(actor(spec, "/p").start.options.mailbox.capacity, 9u);
  const ActorOptions& child = actor(spec, "/p/c").start.options;
  EXPECT_EQ(child.mailbox.capacity, 7u);
  EXPECT_EQ(child.supervision.backoff.initial_ms, 1'000u);
  EXPECT_EQ(child.supervision.limit.then, Directive::kStopHost);
  EXPECT_EQ(child.persistence.hydrate, Hydrate::kBackground);
  EXPECT_EQ(child.persistence.snapshot_every, 0u);
}

TEST(Spec, APersistentActorsIdIsItsPathUnlessGiven) {
  const Spec spec = spec_of(kPlugins +
                            "actors:\n  a: {kind: orders.Ledger}\n  b: {kind: orders.Ledger, "
                            "persistence: {id: old}}\n  c: {kind: pricing.Quoter}\n");
  EXPECT_EQ(actor(spec, "/a").start.options.persistence.id, "/a");
  EXPECT_EQ(actor(spec, "/b").start.options.persistence.id, "old");
  EXPECT_EQ(actor(spec, "/c").start.options.persistence.id, "");
}

TEST(Spec, SharedOptionsComeThroughAnchors) {
  const Spec spec = spec_of("x-box: &box {capacity: 3}\n" + kPlugins +
                            "actors:\n  a: {kind: pricing.Quoter, mailbox: *box}\n  b: {kind: "
                            "pricing.Quoter, mailbox: {<<: *box, bytes: 1MiB}}\n");
  EXPECT_EQ(actor(spec, "/a").start.options.mailbox.capacity, 3u);
  EXPECT_EQ(actor(spec, "/b").start.options.mailbox,
            (MailboxOptions{3, 1 << 20, Overflow::kReject}));
}

TEST(Spec, SubscriptionsStandOnce) {
  const Spec spec = spec_of(kPlugins +
                            "actors: {a: {kind: pricing.Quoter}}\nsubscriptions:\n  - {topic: x.*, "
                            "to: /a}\n  - {topic: x.*, to: /a}\n");
  ASSERT_EQ(spec.subscriptions.size(), 1u);
  EXPECT_EQ(spec.subscriptions[0].span.line, 5u);
}

TEST(StartOrder, IsFileOrderWithAfterRespected) {
  const Spec spec =
      spec_of(kPlugins +
              "actors:\n  a: {kind: pricing.Quoter, after: [/c]}\n  b:\n    children:\n      x: "
              "{kind: pricing.Quoter, after: [/d/y]}\n"
              "  c: {kind: pricing.Quoter}\n  d: {children: {y: {kind: pricing.Quoter}}}\n");
  std::string order;
  for (const auto& each : spec.actors) order += each.start.path.text() + " ";
  EXPECT_EQ(order, "/b /c /a /d /d/y /b/x ");
}

TEST(StartOrder, AfterWaitsForTheWholeSubtree) {
  const Spec spec = spec_of(kPlugins +
                            "actors:\n  a: {kind: pricing.Quoter, after: [/p]}\n  p: {children: "
                            "{x: {kind: pricing.Quoter}}}\n");
  EXPECT_EQ(spec.actors.back().start.path.text(), "/a");
}

TEST(StartOrder, CyclesThroughParentAndChildAreFound) {
  EXPECT_EQ(lines(kPlugins +
                  "actors:\n  p:\n    children:\n      x: {kind: pricing.Quoter, after: [/p]}\n"),
            "t.yaml:6:33: error[E302]: \"after\" forms a cycle: /p/x -> /p -> /p/x\n");
  EXPECT_EQ(lines(kPlugins +
                  "actors:\n  p:\n    after: [/p/x]\n    children: {x: {kind: pricing.Quoter}}\n"),
            "t.yaml:5:5: error[E302]: \"after\" forms a cycle: /p -> /p/x -> /p\n");
  EXPECT_EQ(lines(kPlugins + "actors:\n  a: {kind: pricing.Quoter, after: [/a]}\n"),
            "t.yaml:4:29: error[E302]: \"after\" forms a cycle: /a -> /a\n");
}

TEST(StartOrder, EveryCycleIsReported) {
  const auto checked = check_text(
      kPlugins +
      "actors:\n  a: {kind: pricing.Quoter, after: [/b]}\n  b: {kind: pricing.Quoter, after: "
      "[/a]}\n"
      "  c: {kind: pricing.Quoter, after: [/d]}\n  d: {kind: pricing.Quoter, after: [/c]}\n");
  EXPECT_EQ(checked.diagnostics.errors(), 2u) << checked.lines();
}

TEST(Settings, AreTypedAndFilledFromTheSchema) {
  const Spec spec = spec_of(kPlugins +
                                "actors:\n  a:\n    kind: orders.Intake\n    settings: {currency: "
                                "USD, max_lines: \"${LINES}\", patience: 1s, buffer: 1KiB,"
                                " ratio: 0.5, strict: true, tags: [a, 1, 1.5, true, ~, \"2\", "
                                "007], extra: {k: {n: -3}}}\n"
                                "  b: {kind: orders.Intake}\n",
                            {{"LINES", "42"}});
  EXPECT_EQ(
      actor(spec, "/a").start.settings,
      R"({"buffer":1024,"currency":"USD","extra":{"k":{"n":-3}},"max_lines":42,"patience":1000,"ratio":0.5,"strict":true,"tags":["a",1,1.5,true,null,"2","007"]})");
  EXPECT_EQ(actor(spec, "/b").start.settings,
            R"({"buffer":65536,"currency":"EUR","max_lines":100,"patience":250,"strict":false})");
}

// Operator pain 17: a variable's text never becomes another type by itself.
TEST(Settings, ASubstitutedValueIsTextUnlessItsKeyHasAType) {
  const Spec spec = spec_of(kPlugins +
                                "actors:\n  a: {kind: orders.Intake, settings: {tags: [\"${N}\"], "
                                "extra: {x: \"${TRICK}\"}}}\n",
                            {{"N", "5"}, {"TRICK", "{a: b}"}});
  EXPECT_THAT(actor(spec, "/a").start.settings, HasSubstr(R"("tags":["5"])"));
  EXPECT_THAT(actor(spec, "/a").start.settings, HasSubstr(R"("extra":{"x":"{a: b}"})"));
}

TEST(Settings, ErrorsNeverShowWhatAVariableHolds) {
  const auto checked = check_text(
      kPlugins +
          "actors:\n  a:\n    kind: orders.Intake\n    settings:\n      max_lines: ${SECRET}\n",
      {{"SECRET", "hunter2"}});
  EXPECT_FALSE(checked.spec);
  EXPECT_THAT(checked.rendered(), Not(HasSubstr("hunter2")));
}

TEST(Settings, MissingOnesAreReportedWhereTheyBelong) {
  EXPECT_EQ(
      lines(kPlugins + "actors:\n  a: {kind: io.Tail}\n"),
      "t.yaml:4:13: error[E304]: settings.file: io.Tail needs it: a text; the file to follow\n");
  EXPECT_EQ(
      lines(kPlugins + "actors:\n  a: {kind: io.Tail, settings: {}}\n"),
      "t.yaml:4:22: error[E304]: settings.file: io.Tail needs it: a text; the file to follow\n");
}

struct Wrong {
  const char* text;  // follows version and plugins: its first line is line 3
  const char* line;
};
class Refused : public ::testing::TestWithParam<Wrong> {};
TEST_P(Refused, WithItsPlaceAndAWayOut) {
  EXPECT_EQ(lines(kPlugins + GetParam().text), GetParam().line + std::string("\n"));
  EXPECT_FALSE(check_text(kPlugins + GetParam().text).spec);
}
INSTANTIATE_TEST_SUITE_P(
    Values, Refused,
    ::testing::Values(
        Wrong{"host: {workers: four}",
              "t.yaml:3:17: error[E104]: \"workers\" wants auto or a number 1..1024, got \"four\""},
        Wrong{"host: {workers: \"4\"}",
              "t.yaml:3:17: error[E104]: \"workers\" wants auto or a number 1..1024, got \"4\""},
        Wrong{"host: {workers: 1025}",
              "t.yaml:3:17: error[E104]: \"workers\" wants auto or a number 1..1024, got 1025"},
        Wrong{"host: 5", "t.yaml:3:7: error[E104]: \"host\" wants a map, got 5"},
        Wrong{"host: {name: }", "t.yaml:3:14: error[E104]: \"name\" wants a text, got nothing"},
        Wrong{"logging: {level: no}",
              "t.yaml:3:18: error[E104]: \"no\" is text here; allowed: trace, debug, info, "
              "warning, error, off"},
        Wrong{"logging: {level: warn}",
              "t.yaml:3:18: error[E104]: \"level\" wants one of trace, debug, info, warning, "
              "error, off, got \"warn\""},
        Wrong{"host: {shutdown: {deadline: 15s}}",
              "t.yaml:3:29: error[E105]: deadline 15s is shorter than drain 20s"},
        Wrong{"host: {shutdown: {drain: 20}}",
              "t.yaml:3:26: error[E105]: \"drain: 20\" has no unit; write 20s or 20ms"},
        Wrong{"defaults: {supervision: {backoff: {max: 1ms}}}",
              "t.yaml:3:41: error[E105]: max 1ms is shorter than initial 200ms"},
        Wrong{"defaults: {supervision: {backoff: {factor: 0.5}}}",
              "t.yaml:3:44: error[E104]: \"factor\" wants a number 1..100, got 0.5"},
        Wrong{"defaults: {mailbox: {bytes: 1KiB}}",
              "t.yaml:3:29: error[E105]: \"bytes: 1KiB\" is too small; 4KiB is the least"},
        Wrong{"defaults: {persistence: {id: x}}",
              "t.yaml:3:26: error[E102]: unknown key `id` in `persistence` of `defaults` of the "
              "topology; allowed: hydrate, snapshot"},
        Wrong{"admin: {http: {listen: 1}}",
              "t.yaml:3:9: error[E102]: unknown key `http` in `admin` of the topology; allowed: "
              "socket"},
        Wrong{"actors: {a: {children: {}}}",
              "t.yaml:3:10: error[E104]: actor `/a` needs a kind or children"},
        Wrong{"actors: {a: orders.Ledger}",
              "t.yaml:3:13: error[E104]: actor `/a` wants a map like {kind: plugin.Type}, got "
              "\"orders.Ledger\""},
        Wrong{"actors: {a b: {kind: orders.Ledger}}",
              "t.yaml:3:10: error[E306]: \"a b\" is no actor name; use 1 to 64 letters, digits, "
              "'.', '_' and '-'"},
        Wrong{"actors: {a: {kind: Ledger}}",
              "t.yaml:3:20: error[E201]: \"Ledger\" is no kind; a kind is plugin.Type; did you "
              "mean orders.Ledger?"},
        Wrong{"actors: {a: {kind: order.Ledger}}",
              "t.yaml:3:20: error[E201]: plugin \"order\" is not declared; did you mean \"orders\" "
              "(2:11)?"},
        Wrong{"actors: {a: {kind: orders.Intakee}}",
              "t.yaml:3:20: error[E201]: plugin orders offers Intake and Ledger, not \"Intakee\"; "
              "did you mean orders.Intake?"},
        Wrong{"actors: {a: {kind: pricing.Quoter, persistence: {id: x}}}",
              "t.yaml:3:36: error[E303]: persistence has no effect: pricing.Quoter keeps no state"},
        Wrong{"actors: {a: {mailbox: {capacity: 1}, children: {b: {kind: orders.Ledger}}}}",
              "t.yaml:3:14: error[E303]: mailbox has no effect: /a has no kind"},
        Wrong{"actors: {a: {kind: orders.Ledger}, b: {kind: orders.Ledger, persistence: {id: /a}}}",
              "t.yaml:3:79: error[E303]: persistence id \"/a\" is already used by /a (3:10)"},
        Wrong{"actors: {a: {kind: orders.Ledger, persistence: {id: /b}}, b: {kind: orders.Ledger}}",
              "t.yaml:3:53: error[E303]: persistence id \"/b\" is already used by /b (3:59)"},
        Wrong{"actors: {a: {kind: orders.Ledger, after: [/b]}}",
              "t.yaml:3:43: error[E301]: `after` names /b, which does not exist; did you mean /a?"},
        Wrong{"actors: {a: {kind: orders.Ledger, after: [b]}}",
              "t.yaml:3:43: error[E306]: \"b\" is no actor path: it must begin with /"},
        Wrong{"actors: {a: {kind: orders.Ledger, after: /b}}",
              "t.yaml:3:42: error[E104]: \"after\" wants a list, got \"/b\""},
        Wrong{
            "actors: {a: {kind: orders.Ledger, tags: [ok, a b, [x]]}}",
            "t.yaml:3:46: error[E306]: \"a b\" is no tag; use 1 to 128 letters, digits, '.', '_', "
            "'-', ':' and '/'\nt.yaml:3:51: error[E306]: a list is no tag; use 1 to 128 letters, "
            "digits, '.', '_', '-', ':' and '/'"},
        Wrong{"actors: {a: {kind: orders.Ledger, mailbox: {types: {T: {priority: 11}}}}}",
              "t.yaml:3:67: error[E104]: \"priority\" wants a number -10..10, got 11"},
        Wrong{"actors: {a: {kind: orders.Ledger, mailbox: {types: {T: {priority: 1.5}}}}}",
              "t.yaml:3:67: error[E104]: \"priority\" wants a number -10..10, got 1.5"},
        Wrong{"actors: {a: {kind: orders.Ledger, mailbox: {types: {T: {prioriy: 1}}}}}",
              "t.yaml:3:57: error[E102]: unknown key `prioriy` in `T` of `types` of `mailbox` of "
              "actor `/a`; did you mean `priority`? allowed: priority, capacity, conflate"},
        Wrong{"actors: {a: {kind: orders.Ledger, mailbox: {high_water: 75}}}",
              "t.yaml:3:57: error[E104]: \"high_water\" wants a number 0..1, got 75"},
        Wrong{"subscriptions: [{topic: a}]",
              "t.yaml:3:17: error[E104]: a subscription needs \"to\""},
        Wrong{"subscriptions: [{topic: a, to: x}]",
              "t.yaml:3:32: error[E306]: \"x\" is no actor path: it must begin with /"},
        Wrong{"subscriptions: [{topic: a, to: /x}]",
              "t.yaml:3:32: error[E301]: subscription target /x does not exist"},
        Wrong{"actors: {s: {children: {q: {kind: orders.Ledger}}}}\nsubscriptions: [{topic: a, to: "
              "/s}]",
              "t.yaml:4:32: error[E301]: subscription target /s has no kind, so nobody there "
              "receives"},
        Wrong{"actors: {q: {kind: orders.Ledger}}\nsubscriptions: [{topic: a*, to: /q}]",
              "t.yaml:4:25: error[E305]: pattern \"a*\": 'a*' mixes a wildcard with text; '*' and "
              "'?' stand alone"},
        Wrong{"actors: {q: {kind: orders.Ledger}}\nsubscriptions: [{topic: a..b, to: /q}]",
              "t.yaml:4:25: error[E305]: pattern \"a..b\": empty segment"}));

INSTANTIATE_TEST_SUITE_P(
    Settings, Refused,
    ::testing::Values(
        Wrong{"actors: {a: {kind: orders.Intake, settings: {max_lines: 900}}}",
              "t.yaml:3:57: error[E304]: settings.max_lines: orders.Intake wants an integer "
              "1..500, got 900"},
        Wrong{"actors: {a: {kind: orders.Intake, settings: {max_lines: 1.5}}}",
              "t.yaml:3:57: error[E304]: settings.max_lines: orders.Intake wants an integer "
              "1..500, got 1.5"},
        Wrong{"actors: {a: {kind: orders.Intake, settings: {max_lines: \"9\"}}}",
              "t.yaml:3:57: error[E304]: settings.max_lines: orders.Intake wants an integer "
              "1..500, got \"9\""},
        Wrong{"actors: {a: {kind: orders.Intake, settings: {currency: EURO}}}",
              "t.yaml:3:56: error[E304]: settings.currency: orders.Intake wants one of EUR, USD, "
              "GBP, got \"EURO\"; did you mean EUR?"},
        Wrong{"actors: {a: {kind: orders.Intake, settings: {patience: 2m}}}",
              "t.yaml:3:56: error[E304]: settings.patience: orders.Intake wants a duration "
              "1ms..1m, got \"2m\""},
        Wrong{"actors: {a: {kind: orders.Intake, settings: {strict: yes}}}",
              "t.yaml:3:54: error[E304]: settings.strict: orders.Intake wants true or false, got "
              "\"yes\""},
        Wrong{"actors: {a: {kind: orders.Intake, settings: {tags: x}}}",
              "t.yaml:3:52: error[E304]: settings.tags: orders.Intake wants a list, got \"x\""},
        Wrong{
            "actors: {a: {kind: orders.Intake, settings: {ratio: 1.5}}}",
            "t.yaml:3:53: error[E304]: settings.ratio: orders.Intake wants a number 0..1, got 1.5"},
        Wrong{"actors: {a: {kind: orders.Ledger, settings: {x: 1}}}",
              "t.yaml:3:46: error[E304]: settings.x: orders.Ledger has no such setting; it has no "
              "settings"},
        Wrong{"actors: {a: {kind: orders.Intake, settings: {maxlines: 1}}}",
              "t.yaml:3:46: error[E304]: settings.maxlines: orders.Intake has no such setting; did "
              "you mean `max_lines`? allowed: "
              "currency, max_lines, patience, buffer, ratio, strict, tags, extra"}));

TEST(Validate, VersionIsRequired) {
  EXPECT_EQ(lines("host: {name: x}\n"),
            "t.yaml:1:1: error[E104]: \"version\" is missing; begin with version: 1\n");
  EXPECT_EQ(
      lines("version: 2\n"),
      "t.yaml:1:10: error[E104]: \"version\" wants 1, the only format this host reads, got 2\n");
}

TEST(Validate, PathsDeeperThanSixteenAreRefused) {
  std::string text = kPlugins + "actors:\n";
  std::string indent = "  ";
  for (int i = 0; i < 17; ++i) {
    text += indent + "n:\n" + indent + "  children:\n";
    indent += "    ";
  }
  EXPECT_THAT(lines(text), HasSubstr("error[E306]"));
}

// A key that is only spelled right counts; a test mutates every one (operator pain 1).
TEST(Validate, NoKeyIsIgnored) {
  const std::string text =
      kPlugins +
      "host: {name: n, workers: 1, data_dir: d, plugin_dirs: [p], shutdown: {drain: 1s, deadline: "
      "2s}}\n"
      "logging: {level: info, format: auto}\nadmin: {socket: s}\npersistence: {mode: strict}\n"
      "defaults: {mailbox: {capacity: 1, bytes: 1MiB, overflow: reject}, supervision: {restart: "
      "always, backoff: {initial: 1s, "
      "max: 2s, factor: 2, jitter: 0, reset_after: 1s}, limit: {restarts: 1, within: 1s, then: "
      "park}, max_attempts: 1}, persistence: {hydrate: eager, snapshot: {every: 1, "
      "keep: 1}}}\n"
      "actors:\n  a: {kind: orders.Ledger, settings: {}, mailbox: {}, supervision: {}, "
      "persistence: {id: x}, after: [], children: {}}\n"
      "subscriptions: [{topic: t, to: /a}]\ndead_letters: {retain: {count: 1, age: 1s, bytes: "
      "1MiB}}\n";
  ASSERT_TRUE(check_text(text).spec) << check_text(text).rendered();
  int keys = 0;
  for (size_t colon = text.find(": "); colon != std::string::npos;
       colon = text.find(": ", colon + 1)) {
    const size_t begin = text.find_last_of(" {[\n", colon) + 1;
    const std::string key = text.substr(begin, colon - begin);
    if (key == "a" || key == "orders" || key == "pricing" || key == "io" || key == "audit")
      continue;  // names are free
    std::string broken = text;
    broken.insert(colon, "q");
    const auto checked = check_text(broken);
    EXPECT_FALSE(checked.spec) << key;
    EXPECT_THAT(checked.lines(), HasSubstr("unknown key `" + key + "q`")) << key;
    ++keys;
  }
  EXPECT_GT(keys, 50);
}

TEST(Validate, APluginTheCatalogLacksGivesNoSpecAndNoNoise) {
  const auto checked = check_text(
      "version: 1\nplugins: {gone: {path: gone.so}}\nactors: {a: {kind: gone.X, settings: "
      "{anything: 1}}}\n");
  EXPECT_FALSE(checked.spec);
  EXPECT_TRUE(checked.diagnostics.empty()) << checked.lines();
}

TEST(Validate, AFaultyDocumentGivesNoSpec) {
  const auto checked = check_text("version: 1\nhost: {data_dir: \"${NOT_SET}\"}\n");
  EXPECT_FALSE(checked.spec);
  EXPECT_EQ(checked.lines(),
            "t.yaml:2:18: error[E106]: environment variable NOT_SET is not set; export it or write "
            "${NOT_SET:-default}\n");
}

TEST(Warning, OfASinkThatNothingReaches) {
  EXPECT_EQ(lines(kPlugins + "actors: {s: {kind: audit.Sink}}\n"),
            "t.yaml:3:10: warning[W210]: nothing sends to `/s` and it subscribes to nothing\n");
  EXPECT_TRUE(check_text(kPlugins + "actors: {s: {kind: audit.Sink}}\n").spec);
}

TEST(Warning, IsSilentWhenSomethingMightReachIt) {
  for (const char* text :
       {"actors: {s: {kind: audit.Sink}}\nsubscriptions: [{topic: x, to: /s}]\n",
        "actors: {p: {kind: pricing.Quoter, children: {s: {kind: audit.Sink}}}}\n",
        "actors: {t: {kind: io.Tail, settings: {file: /s}}, s: {kind: audit.Sink}}\n",
        "actors: {s: {kind: audit.Sink}, r: {kind: audit.Source}}\n"}) {
    EXPECT_EQ(lines(kPlugins + text), "") << text;
  }
}

TEST(Warning, OfDroppingOnAPersistentActor) {
  EXPECT_THAT(
      lines(
          kPlugins +
          "actors: {a: {kind: io.Tail, settings: {file: f}, mailbox: {overflow: drop_oldest}}}\n"),
      HasSubstr("t.yaml:3:70: warning[W211]"));
}

// Everything in it is wrong; the work must stay in proportion (a hang would be a timeout here).
TEST(Validate, ThousandsOfActorsAndAsManyErrors) {
  std::string good = kPlugins + "actors:\n", bad = "subscriptions:\n";
  for (int i = 0; i < 2'000; ++i) {
    good += "  quoter-" + std::to_string(i) + ": {kind: pricing.Quoter, mailbox: {capacity: 9}}\n";
    bad += "  - {topic: a.b, to: /quote-" + std::to_string(i) + "x}\n";
  }
  const Spec spec = spec_of(good);
  EXPECT_EQ(spec.actors.size(), 2'000u);
  EXPECT_EQ(diff({}, spec).steps.size(), 2'004u);
  EXPECT_EQ(check_text(good + bad).diagnostics.errors(), 2'000u);
}

TEST(PluginDeclarations, TellWhatToFindAndWhereToComplain) {
  const auto checked = check_text(
      "version: 1\nhost: {plugin_dirs: [/p]}\nplugins:\n  orders: {}\n  io: {path: /x/io.so, "
      "sha256: " +
      std::string(64, 'A') + "}\n  bad: {sha256: auto}\n");
  const auto plugins = plugin_declarations(*checked.loaded.document);
  ASSERT_EQ(plugins.size(), 2u);
  EXPECT_EQ(plugins[0].path, "orders.so");
  EXPECT_EQ(plugins[0].span.text(), "t.yaml:4:3");
  EXPECT_EQ(plugins[0].plugin_dirs, std::vector<std::string>{"/p"});
  EXPECT_EQ(plugins[1].path, "/x/io.so");
  EXPECT_EQ(plugins[1].sha256, std::string(64, 'a'));
  EXPECT_EQ(plugins[1].span.text(), "t.yaml:5:14");
  EXPECT_THAT(
      checked.lines(),
      HasSubstr("t.yaml:6:17: error[E104]: \"sha256\" wants 64 hexadecimal digits, got \"auto\""));
}

}  // namespace
}  // namespace actord::host
