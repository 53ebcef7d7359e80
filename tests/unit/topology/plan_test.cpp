#include "topology/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/topology_text.hpp"

namespace actord::host {
namespace {

using testing::check_text;
using ::testing::HasSubstr;
using ::testing::Not;

Spec spec_of(const std::string& text) {
  const auto checked = check_text(text);
  EXPECT_TRUE(checked.spec) << checked.rendered();
  return checked.spec.value_or(Spec{});
}

const char kRunning[] =
    "version: 1\nplugins: {orders: {}, pricing: {}}\nactors:\n  orders:\n    children:\n"
    "      intake: {kind: orders.Intake}\n      ledger: {kind: orders.Ledger, children: {page: "
    "{kind: pricing.Quoter}}}\n"
    "  edge: {kind: pricing.Quoter}\n"
    "subscriptions:\n  - {topic: orders.created, to: /orders/ledger}\n  - {topic: tick, to: "
    "/edge}\n";

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

Plan reload(const std::string& from, const std::string& to) {
  return diff(spec_of(kRunning), spec_of(changed(kRunning, from, to)));
}

TEST(Plan, BootLoadsSubscribesAndStartsRootFirst) {
  EXPECT_EQ(print_steps(diff({}, spec_of(kRunning))),
            "+ plugin orders load orders.so\n+ plugin pricing load pricing.so\n"
            "+ subscribe orders.created -> /orders/ledger\n+ subscribe tick -> /edge\n"
            "+ /orders start\n+ /orders/intake start orders.Intake\n+ /orders/ledger start "
            "orders.Ledger\n"
            "+ /orders/ledger/page start pricing.Quoter\n+ /edge start pricing.Quoter\n");
}

TEST(Plan, DrainStopsLeafFirstInReverseOrder) {
  EXPECT_EQ(print_steps(diff(spec_of(kRunning), {})),
            "- unsubscribe tick -> /edge\n- /edge stop\n- /orders/ledger/page stop\n"
            "- unsubscribe orders.created -> /orders/ledger\n- /orders/ledger stop\n- "
            "/orders/intake stop\n- /orders stop\n"
            "- plugin orders forget\n- plugin pricing forget\n");
}

TEST(Plan, NothingDiffersNothingHappens) {
  const Plan plan =
      diff(spec_of(kRunning), spec_of(std::string("# moved by a comment\n") + kRunning));
  EXPECT_TRUE(plan.empty());
  EXPECT_EQ(print(plan), "no changes\n");
  EXPECT_TRUE(diff({}, {}).empty());
}

// A boot goes on without a plugin that does not load; the next reload finds it missing.
TEST(Plan, APluginThatIsNotLoadedIsADifference) {
  Spec running = spec_of(kRunning);
  std::erase_if(running.plugins, [](const PluginSpec& plugin) { return plugin.name == "pricing"; });
  EXPECT_EQ(print(diff(running, spec_of(kRunning))),
            "+ plugin pricing pricing.so\n"
            "~ /orders/ledger/page (actor restart: plugin pricing loads)\n"
            "~ /edge (actor restart: plugin pricing loads)\n");
}

TEST(Plan, MailboxAndSupervisionAreHot) {
  const Plan plan =
      reload("orders.Intake",
             "orders.Intake, mailbox: {capacity: 8192}, supervision: {backoff: {max: 1m}}");
  EXPECT_EQ(
      print(plan),
      "~ /orders/intake mailbox.capacity 1024 -> 8192, supervision.backoff.max 30s -> 1m (hot)\n");
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].span.text(), "t.yaml:6:57");
  const auto& update = std::get<UpdateOptions>(plan.steps[0].action);
  EXPECT_EQ(update.from.mailbox.capacity, 1'024u);
  EXPECT_EQ(update.to.mailbox.capacity, 8'192u);
}

TEST(Plan, RulesForTypesAreHotAndNamed) {
  const Plan plan =
      reload("orders.Intake",
             "orders.Intake, mailbox: {high_water: 0.9, types: {orders.New: {priority: "
             "-3, capacity: 5, conflate: true}}}");
  EXPECT_EQ(print(plan),
            "~ /orders/intake mailbox.high_water 0.75 -> 0.9, mailbox.types.orders.New none -> "
            "{priority -3, capacity 5, conflate} (hot)\n");
}

TEST(Plan, TagsAreHot) {
  const Plan plan = reload("orders.Intake", "orders.Intake, tags: [worker, eu, worker]");
  EXPECT_EQ(print(plan), "~ /orders/intake tags [] -> [eu, worker] (hot)\n");
  EXPECT_EQ(plan.steps[0].span.text(), "t.yaml:6:43");
}

TEST(Plan, SettingsRestartTheActorAndShowNoValues) {
  const Plan plan = reload("orders.Intake", "orders.Intake, settings: {max_lines: 7}");
  EXPECT_EQ(print(plan), "~ /orders/intake settings.max_lines (actor restart)\n");
  EXPECT_EQ(print_steps(plan), "~ /orders/intake restart orders.Intake\n");
  const auto& restart = std::get<RestartActor>(plan.steps[0].action);
  EXPECT_EQ(restart.from.start.settings.find(":7"), std::string::npos);  // to undo: as it was
  EXPECT_NE(restart.to.start.settings.find(":7"), std::string::npos);
}

TEST(Plan, AnotherKindIsAnotherActorWithItsChildrenAndSubscriptions) {
  const Plan plan = reload("orders.Ledger,", "pricing.Quoter,");
  EXPECT_EQ(print_steps(plan),
            "~ /orders/ledger/page stop (replaced)\n- unsubscribe orders.created -> "
            "/orders/ledger\n~ /orders/ledger stop (replaced)\n"
            "+ subscribe orders.created -> /orders/ledger\n"
            "~ /orders/ledger start pricing.Quoter (replaces)\n~ /orders/ledger/page start "
            "pricing.Quoter (replaces)\n");
  EXPECT_TRUE(std::get<StopActor>(plan.steps[0].action).replaced);
}

TEST(Plan, ARestartInPlaceTakesChildrenAlongAndKeepsSubscriptions) {
  const Plan plan = reload("orders.Ledger,", "orders.Ledger, persistence: {id: books},");
  EXPECT_EQ(print(plan),
            "~ /orders/ledger persistence.id /orders/ledger -> books (actor restart)\n"
            "~ /orders/ledger/page (actor restart: /orders/ledger restarts)\n");
  EXPECT_EQ(print_steps(plan),
            "~ /orders/ledger/page restart pricing.Quoter\n"
            "~ /orders/ledger restart orders.Ledger\n");
}

TEST(Plan, AddedAndRemovedActorsLeaveTheOthersAlone) {
  const Plan plan = reload("  edge: {kind: pricing.Quoter}\n",
                           "  edge: {kind: pricing.Quoter}\n  night: {kind: pricing.Quoter}\n");
  EXPECT_EQ(print(plan), "+ /night pricing.Quoter\n");
  EXPECT_EQ(print_steps(plan), "+ /night start pricing.Quoter\n");
  EXPECT_EQ(print_steps(reload("      intake: {kind: orders.Intake}\n", "")),
            "- /orders/intake stop\n");
}

TEST(Plan, ANewPluginIsLoadedBeforeAnythingElse) {
  EXPECT_EQ(print_steps(reload("pricing: {}}\nactors:\n",
                               "pricing: {}, audit: {}}\nactors:\n  log: {kind: audit.Source}\n")),
            "+ plugin audit load audit.so\n+ /log start audit.Source\n");
}

TEST(Plan, AChangedPluginIsANewGenerationForItsActors) {
  const Plan plan = reload("pricing: {}", "pricing: {path: pricing-2.so}");
  EXPECT_EQ(print(plan),
            "~ plugin pricing path pricing.so -> pricing-2.so (new generation)\n"
            "~ /orders/ledger/page (actor restart: plugin pricing changes)\n~ /edge (actor "
            "restart: plugin pricing changes)\n");
  EXPECT_EQ(std::get<LoadPlugin>(plan.steps[0].action).previous.path, "pricing.so");
}

TEST(Plan, SubscriptionsComeAndGoByThemselves) {
  const Plan plan = reload("topic: tick", "topic: tock");
  EXPECT_EQ(print(plan), "- subscription tick -> /edge\n+ subscription tock -> /edge\n");
  EXPECT_EQ(print_steps(plan), "- unsubscribe tick -> /edge\n+ subscribe tock -> /edge\n");
}

TEST(Plan, OptionsOfASubscriptionAreHotAndItStays) {
  const Plan plan =
      reload("topic: tick,", "topic: tick, where: \"$.n > 1\", throttle: {messages: 5},");
  EXPECT_EQ(print(plan),
            "~ subscription tick -> /edge where (none) -> $.n > 1, throttle.messages (none) -> 5 "
            "(hot)\n");
  EXPECT_EQ(print_steps(plan), print(plan));
  EXPECT_EQ(plan.steps[0].span.text(), "t.yaml:11:26");
  const auto& update = std::get<UpdateSubscription>(plan.steps[0].action);
  EXPECT_TRUE(update.from.options.plain());
  EXPECT_EQ(update.to.options.throttle.messages, 5u);
}

TEST(Plan, OptionsOfASubscriptionWithItsTarget) {
  std::string next = changed(kRunning, "topic: tick,", "topic: tick, debounce: {quiet: 1s},");
  const Plan plan =
      diff(spec_of(kRunning),
           spec_of(changed(next, "edge: {kind: pricing.Quoter}", "edge: {kind: orders.Ledger}")));
  EXPECT_EQ(print(plan),
            "~ /edge kind pricing.Quoter -> orders.Ledger, persistence.id (none) -> /edge (actor "
            "restart)\n"
            "~ subscription tick -> /edge debounce.quiet (none) -> 1s (hot)\n");
  EXPECT_EQ(print_steps(plan),
            "- unsubscribe tick -> /edge\n~ /edge stop (replaced)\n+ subscribe tick -> /edge\n"
            "~ /edge start orders.Ledger (replaces)\n");
  EXPECT_EQ(std::get<Subscribe>(plan.steps[2].action).subscription.options.debounce.longest_ms,
            10'000u);
}

TEST(Plan, LoggingAndShutdownAreHot) {
  const Plan plan =
      reload("actors:", "logging: {level: debug}\nhost: {shutdown: {drain: 5s}}\nactors:");
  EXPECT_EQ(print(plan),
            "~ host.shutdown.drain 20s -> 5s (hot)\n~ logging.level info -> debug (hot)\n");
  EXPECT_EQ(std::get<SetLogging>(plan.steps[1].action).to.level, log::Level::kDebug);
}

TEST(Plan, KeysOfTheProcessAreRefusedByNameAndLine) {
  const Plan plan =
      reload("actors:", "host: {workers: 8, data_dir: /x}\nlogging: {level: debug}\nactors:");
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_FALSE(plan.empty());
  EXPECT_THAT(print(plan), HasSubstr("~ host.workers auto -> 8 (process restart)\n"));
  EXPECT_THAT(print(plan), HasSubstr("t.yaml:3:17: error[E307]: host.workers auto -> 8 needs a "
                                     "process restart; restart actord, or put it back\n"));
  EXPECT_EQ(plan.refused.errors(), 2u);
}

TEST(Plan, EveryProcessKeyIsRefused) {
  for (const char* line :
       {"admin: {socket: /x}\n", "persistence: {mode: memory}\n",
        "dead_letters: {retain: {count: 1}}\n", "dead_letters: {retain: {age: 1s}}\n",
        "dead_letters: {retain: {bytes: 1MiB}}\n"}) {
    EXPECT_EQ(reload("actors:", std::string(line) + "actors:").refused.errors(), 1u) << line;
    EXPECT_EQ(diff(spec_of(changed(kRunning, "actors:", std::string(line) + "actors:")),
                   spec_of(kRunning))
                  .refused.errors(),
              1u)
        << line;
    EXPECT_TRUE(diff({}, spec_of(changed(kRunning, "actors:", std::string(line) + "actors:")))
                    .refused.empty())
        << line;
  }
}

TEST(Plan, StartsRespectAfter) {
  const Plan plan =
      diff({}, spec_of(changed(kRunning, "  orders:\n",
                               "  first: {kind: pricing.Quoter, after: [/edge]}\n  orders:\n")));
  const std::string steps = print_steps(plan);
  EXPECT_LT(steps.find("/edge start"), steps.find("/first start"));
}

TEST(Plan, AsJsonNamesActionsAndPlaces) {
  const auto json = to_json(reload("topic: tick", "topic: tock"));
  EXPECT_EQ(json["changes"][0]["op"], "-");
  EXPECT_EQ(json["steps"][0]["action"], "unsubscribe");
  EXPECT_EQ(json["steps"][1]["action"], "subscribe");
  EXPECT_EQ(json["steps"][1]["line"], 11);
  EXPECT_TRUE(json["refused"].empty());
}

// Applying a plan and its way back ends where it began, whatever the two topologies are.
TEST(Plan, ThereAndBackIsTheSameSetOfActors) {
  const Spec a = spec_of(kRunning), b = spec_of(
                                        "version: 1\nplugins: {pricing: {}}\nactors: {edge: {kind: "
                                        "pricing.Quoter, mailbox: {capacity: 2}}}\n");
  std::map<std::string, ActorStart> running;
  const auto apply = [&](const Plan& plan) {
    for (const auto& step : plan.steps) {
      if (const auto* stop = std::get_if<StopActor>(&step.action)) {
        const std::string& path = stop->actor.start.path.text();
        for (const auto& [other, start] : running)
          EXPECT_FALSE(start.path.is_under(stop->actor.start.path))
              << other << " outlives " << path;
        EXPECT_EQ(running.erase(path), 1u) << path;
      } else if (const auto* start = std::get_if<StartActor>(&step.action)) {
        const ActorPath parent = start->actor.start.path.parent();
        EXPECT_TRUE(parent.is_root() || running.count(parent.text()) == 1);
        EXPECT_TRUE(running.emplace(start->actor.start.path.text(), start->actor.start).second);
      } else if (const auto* restart = std::get_if<RestartActor>(&step.action)) {
        EXPECT_EQ(running.at(restart->to.start.path.text()), restart->from.start);
        running.at(restart->to.start.path.text()) = restart->to.start;
      } else if (const auto* update = std::get_if<UpdateOptions>(&step.action)) {
        EXPECT_EQ(running.at(update->path.text()).options, update->from);
        running.at(update->path.text()).options = update->to;
      }
    }
  };
  apply(diff({}, a));
  const auto before = running;
  apply(diff(a, b));
  EXPECT_EQ(running.size(), 1u);
  EXPECT_EQ(running.at("/edge").options.mailbox.capacity, 2u);
  apply(diff(b, a));
  EXPECT_EQ(running, before);
  apply(diff(a, {}));
  EXPECT_TRUE(running.empty());
}

}  // namespace
}  // namespace actord::host
