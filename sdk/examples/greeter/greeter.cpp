// greeter.Greeter: greets by name, remembers whom across restarts and crashes, and sums up on a timer.
//
// The pattern of every persistent actor: a handler checks and records an event, apply() changes the
// state by it. The reply leaves only when the event is durable, so nobody is told of a greeting that
// a crash could forget.
#include "actord/actord.hpp"
#include "actord/json.hpp"
#include "actord/settings.hpp"

using actord::Context, actord::Error, actord::Event, actord::Json, actord::Result, actord::Setup;

namespace {

struct GreeterSettings {
  std::string greeting = "hello";
  std::chrono::milliseconds report{60'000};

  static auto fields() {
    return actord::settings(actord::setting("greeting", &GreeterSettings::greeting).min(1),
                            actord::setting("report", &GreeterSettings::report).min(1));
  }
};

struct Greet {
  static constexpr std::string_view kType = "greeter.Greet";
  std::string name;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Greet, name)

struct Hello {
  static constexpr std::string_view kType = "greeter.Hello";
  std::string text;
  uint64_t times = 0;  // this guest was greeted, this time included
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Hello, text, times)

struct Greeted {
  static constexpr std::string_view kType = "greeter.Greeted";
  std::string name;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Greeted, name)

class Greeter {
 public:
  static constexpr uint32_t kStateVersion = 1;

  explicit Greeter(const Setup& setup) : settings_(actord::settings_of<GreeterSettings>(setup)) {}

  static constexpr auto handlers() {
    return actord::table(actord::on(Greet::kType, &Greeter::greet),
                         actord::on_timer("report", &Greeter::report));
  }

  void start(Context& context) { context.set_periodic_timer("report", settings_.report); }

  // A mistake of the sender is answered with a dead letter, not by failing: failures restart the actor.
  void greet(Context& context, const Greet& greet) {
    if (greet.name.empty()) return context.reject("greeter.Greet: name is empty");
    context.persist(Greeted{greet.name});
    context.reply(Hello{settings_.greeting + ", " + greet.name, guests_[greet.name]});
  }

  void report(Context& context) {
    context.log_info("greeted " + std::to_string(guests_.size()) + " guests so far");
  }

  Result<void> apply(const Event& event) {
    if (event.type() != Greeted::kType) {
      return Error{ACTORD_FAIL_STATE, "no event of mine: " + std::string(event.type())};
    }
    ACTORD_TRY_ASSIGN(const Greeted greeted, event.as<Greeted>());
    guests_[greeted.name] += 1;
    return {};
  }

  std::string save() const { return actord::to_text(guests_); }
  Result<void> load(uint32_t version, std::string_view body) {
    if (version != kStateVersion) {
      return Error{ACTORD_FAIL_STATE,
                   "snapshot version " + std::to_string(version) + " is not known"};
    }
    ACTORD_TRY_ASSIGN(guests_, (actord::Codec<Guests>::decode(body)));
    return {};
  }

 private:
  using Guests = std::map<std::string, uint64_t>;

  const GreeterSettings settings_;
  Guests guests_;
};

}  // namespace

ACTORD_MANIFEST(R"json({
  "id": "greeter", "version": "1.0.0", "doc": "Greets by name and remembers whom.",
  "kinds": [{
    "name": "Greeter", "doc": "Greets by name and remembers whom.", "persistent": true, "state_version": 1,
    "accepts": ["greeter.Greet"], "emits": ["greeter.Hello"],
    "settings": {
      "greeting": {"type": "string", "default": "hello", "min": 1, "doc": "the word before the name"},
      "report": {"type": "duration", "default": "60s", "min": "1ms", "doc": "how often to log a summary"}
    }
  }]
})json");
ACTORD_PLUGIN("greeter", "1.0.0", actord::Kind<Greeter>("Greeter"));
