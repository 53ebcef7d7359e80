// Plays the scenarios of this folder. One scenario:
//
//   - name: what is shown
//     traps: [27]                      # of reference numbers, for docs/SEMANTICS.md
//     host: {at_root: park}            # as in a topology
//     actors: {...}                    # as in a topology; kinds test.Puppet, test.Ledger (journal), test.Judge
//     fails_at_start: {/s/b: 2}        # its first n starts fail
//     fails_at_stop: [/s/b]            # its stop hook does
//     decides: {/s/b: [resume, stop]}  # what its parent, a test.Judge, answers to its failures, in this order;
//                                      # then, and else: default. fail: the parent fails at the question
//     boot: [/s/a start, ...]          # trace until all has settled
//     steps:
//       - {fail: /s/b, trace: [/s/b start], states: {/s/a: running}}
//       - {after: 100ms, ...}
//
// A step does one of: fail PATH [with transient|permanent|poison|timeout], finish PATH (it stops
// itself), tear PATH (an event of it cannot be applied), stop, start, restart, park, resume PATH, after TIME. Then everything that is due happens,
// and `trace` is what the actors saw of it, in order: "PATH start", "PATH stop REASON",
// "PARENT decide PATH CLASS". A step
// without `trace` expects none. `states` are as `actorctl ps` names them. `host_stops: TEXT` expects
// the host to be told to stop, for a reason that contains the text.
//
// Defaults: backoff 100ms doubling to 10s without jitter, 3 restarts in 5s, then park.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <map>
#include <set>

#include "support/runtime_fixture.hpp"
#include "support/topology_text.hpp"
#include "topology/quantity.hpp"

namespace actord::host {
namespace {

constexpr const char* kDefaults = R"(
version: 1
plugins: {test: {}}
defaults:
  supervision:
    backoff: {initial: 100ms, max: 10s, factor: 2, jitter: 0, reset_after: 1m}
    limit: {restarts: 3, within: 5s, then: park}
)";

struct Scenario {
  std::string file, name;
  YAML::Node node;
};

std::vector<Scenario> all_scenarios() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(ACTORD_SCENARIOS)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Scenario> scenarios;
  for (const auto& file : files) {
    for (const auto& node : YAML::LoadFile(file.string())) {
      scenarios.push_back({file.stem().string(), node["name"].as<std::string>(), node});
    }
  }
  return scenarios;
}

std::string test_name(const ::testing::TestParamInfo<Scenario>& info) {
  std::string name = info.param.file + "_" + info.param.name;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}
void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

KindCatalog test_kinds() {
  PluginInfo plugin;
  plugin.id = "test";
  for (const char* name : {"Puppet", "Ledger", "Judge"}) {
    KindInfo kind;
    kind.name = std::string("test.") + name;
    kind.plugin = "test";
    kind.persistent = kind.name == "test.Ledger";
    plugin.kinds.push_back(kind);
  }
  KindCatalog catalog;
  catalog.add(std::move(plugin));
  return catalog;
}

actord_status status_named(const std::string& name) {
  if (name == "transient") return ACTORD_FAIL_TRANSIENT;
  if (name == "poison") return ACTORD_FAIL_POISON;
  if (name == "timeout") return ACTORD_FAIL_TIMEOUT;
  EXPECT_EQ(name, "permanent");
  return ACTORD_FAIL_PERMANENT;
}

ChosenDirective directive_named(const std::string& name) {
  if (name == "resume") return Directive::kResume;
  if (name == "restart") return Directive::kRestart;
  if (name == "stop") return Directive::kStop;
  if (name == "escalate") return Directive::kEscalate;
  if (name == "park") return Directive::kPark;
  EXPECT_EQ(name, "default");
  return std::nullopt;
}

class Scenarios : public RuntimeFixture, public ::testing::WithParamInterface<Scenario> {
 protected:
  Scenarios() {
    const YAML::Node& scenario = GetParam().node;
    if (scenario["fails_at_start"]) {
      start_failures_ = scenario["fails_at_start"].as<std::map<std::string, int>>();
    }
    if (scenario["fails_at_stop"]) {
      for (const auto& path : scenario["fails_at_stop"])
        stop_failures_.insert(path.as<std::string>());
    }
    Script puppet;
    puppet.start = [this](Act& act) {
      int& left = start_failures_[act.turn.path().text()];
      return left > 0 && left-- > 0 ? failed() : Outcome{};
    };
    // A stop hook fails when what it persists cannot be applied.
    puppet.stop = [this](Act& act, int32_t) {
      if (stop_failures_.contains(act.turn.path().text())) (void)act.turn.persist("torn", 1, "");
    };
    puppet.apply = [](ScriptedBehavior&, const EventRecord& event) {
      return event.type.name() == "torn" ? failed() : Outcome{};
    };
    factory.kinds["test.Puppet"] = puppet;
    if (scenario["decides"]) {
      decisions_ = scenario["decides"].as<std::map<std::string, std::vector<std::string>>>();
    }
    Script judge = puppet;
    judge.decide = [this](Act&, const ChildFailure& failure, ChosenDirective& chosen) {
      auto& answers = decisions_[failure.path];
      if (answers.empty()) return Outcome{};
      const std::string answer = answers.front();
      answers.erase(answers.begin());
      if (answer == "fail") return failed("no idea");
      chosen = directive_named(answer);
      return Outcome{};
    };
    factory.kinds["test.Judge"] = judge;
    puppet.persistent = true;
    factory.kinds["test.Ledger"] = puppet;
  }

  void boot_topology(const YAML::Node& scenario) {
    std::string text = kDefaults;
    if (scenario["host"]) text += "host: " + flow(scenario["host"]) + "\n";
    text += "actors: " + flow(scenario["actors"]) + "\n";
    const auto checked = testing::check(
        "scenario.yaml", testing::memory_reader({{"scenario.yaml", text}}), {}, test_kinds());
    ASSERT_TRUE(checked.spec) << checked.rendered() << text;
    tree().set_policy(checked.spec->host.policy);
    for (const ActorSpec& actor : checked.spec->actors) {
      std::vector<std::string> after;
      for (const ActorPath& path : actor.after) after.push_back(path.text());
      tree().declare({{actor.start, std::move(after)}});
    }
    settle();
  }
  static std::string flow(const YAML::Node& node) {
    YAML::Emitter out;
    out.SetMapFormat(YAML::Flow);
    out.SetSeqFormat(YAML::Flow);
    out << node;
    return out.c_str();
  }

  void take(const YAML::Node& step) {
    const auto path = [&](const char* verb) { return step[verb].as<std::string>(); };
    if (step["fail"]) {
      fail(path("fail"), status_named(step["with"].as<std::string>("permanent")));
    } else if (step["tear"]) {
      in(path("tear"), [](Act& act) { (void)act.turn.persist("torn", 1, ""); });
    } else if (step["finish"]) {
      in(path("finish"), [](Act&) { return Outcome{ACTORD_STOP, {}}; });
    } else if (step["after"]) {
      advance(duration_ms(path("after")));
    } else if (step["stop"]) {
      EXPECT_TRUE(tree().stop(path("stop")));
    } else if (step["start"]) {
      EXPECT_TRUE(tree().start(path("start")));
    } else if (step["restart"]) {
      EXPECT_TRUE(tree().restart(path("restart")));
    } else if (step["park"]) {
      EXPECT_TRUE(tree().park(path("park")));
    } else if (step["resume"]) {
      EXPECT_TRUE(tree().resume(path("resume")));
    } else {
      ADD_FAILURE() << "a step that does nothing: " << flow(step);
    }
    settle();
  }
  static uint64_t duration_ms(const std::string& text) {
    const auto parsed = parse_duration(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value();
  }

  Lines trace() {
    static const char* const kReasons[] = {"normal", "failed", "no_such", "host", "restart"};
    Lines lines;
    for (std::string line : factory.everything()) {
      if (line.find(" recovered ") != std::string::npos) continue;
      const auto stop = line.find(" stop ");
      if (stop != std::string::npos) {
        line = line.substr(0, stop + 6) + kReasons[std::stoul(line.substr(stop + 6))];
      }
      lines.push_back(std::move(line));
    }
    factory.forget();
    return lines;
  }

  void look(const YAML::Node& step, const char* key) {
    EXPECT_EQ(trace(), step[key] ? step[key].as<Lines>() : Lines());
    if (step["states"]) {
      for (const auto& [path, expected] : step["states"].as<std::map<std::string, std::string>>()) {
        EXPECT_EQ(status(path), expected) << path << " " << view(path).reason;
      }
    }
    if (step["host_stops"]) {
      ASSERT_FALSE(stop_host_reasons.empty());
      EXPECT_THAT(stop_host_reasons.back(),
                  ::testing::HasSubstr(step["host_stops"].as<std::string>()));
    } else {
      EXPECT_TRUE(stop_host_reasons.empty()) << stop_host_reasons.back();
    }
    stop_host_reasons.clear();
  }

  std::map<std::string, int> start_failures_;
  std::set<std::string> stop_failures_;
  std::map<std::string, std::vector<std::string>> decisions_;
};

TEST_P(Scenarios, Play) {
  const YAML::Node& scenario = GetParam().node;
  ASSERT_NO_FATAL_FAILURE(boot_topology(scenario));
  if (scenario["boot"]) {
    look(scenario, "boot");
  } else {
    factory.forget();
  }
  for (const auto& step : scenario["steps"]) {
    SCOPED_TRACE(::testing::Message() << "at line " << step.Mark().line + 1 << ": " << flow(step));
    take(step);
    look(step, "trace");
  }
  stop_failures_.clear();
}
INSTANTIATE_TEST_SUITE_P(Data, Scenarios, ::testing::ValuesIn(all_scenarios()), test_name);

}  // namespace
}  // namespace actord::host
