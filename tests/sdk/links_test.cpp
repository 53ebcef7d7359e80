// Death watch with a message of one's own, and links, under the TestKit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actord/actord.hpp"
#include "actord/json.hpp"
#include "actord/testkit.hpp"

namespace {

using actord::Context, actord::Directive, actord::ChildFailure, actord::Kind, actord::Message,
    actord::Outcome, actord::Ref;
using actord::testkit::Kit, actord::testkit::Probe;
using testing::ElementsAre, testing::IsEmpty;

struct Lost {
  static constexpr std::string_view kType = "t.Lost";
  int64_t line = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Lost, line)

struct Wire {
  static constexpr auto handlers() { return actord::table(actord::on("t.Fail", &Wire::fail)); }
  void fail(Context&) { throw actord::Failure("cut"); }
};

// Has two children, and gives up who fails.
class Owner {
 public:
  static constexpr auto handlers() {
    return actord::table(
        actord::on("t.Watch", &Owner::watch), actord::on("t.Unwatch", &Owner::unwatch),
        actord::on("t.Link", &Owner::link), actord::on("t.Unlink", &Owner::unlink),
        actord::on("t.Open", &Owner::open), actord::on("t.Stop", &Owner::stop_first),
        actord::on(Lost::kType, &Owner::lost));
  }
  void start(Context& context) {
    first_ = context.spawn("first", "t.Wire");
    second_ = context.spawn("second", "t.Wire");
  }
  Directive child_failed(Context&, const ChildFailure&) { return Directive::kStop; }
  void watch(Context& context) {
    context.watch(first_);
    context.watch_with(first_, Lost{1});
    context.watch_with(second_, Lost{2});
  }
  void unwatch(Context& context) { context.unwatch(first_); }
  void link(Context& context) { context.link(first_); }
  void unlink(Context& context) { context.unlink(first_); }
  void stop_first(Context& context) { context.stop(first_); }
  void open(Context& context) {
    open_ = true;
    context.unstash_all();
  }
  Outcome lost(Context& context, const Lost& lost, const Message& message) {
    if (!open_) return actord::Defer{};
    context.send("/probe", "t.Said",
                 std::to_string(lost.line) + " " + std::to_string(message.reason()));
    return {};
  }
  void stop(Context& context, int32_t reason) {
    context.send("/probe", "t.Stopped", std::to_string(reason));
  }

 private:
  Ref first_, second_;
  bool open_ = false;
};

class LinksTest : public testing::Test {
 protected:
  LinksTest() {
    kit_.offer("t", Kind<Wire>("Wire"));
    kit_.offer("t", Kind<Owner>("Owner"));
    probe_ = &kit_.probe("/probe");
    kit_.add("/owner", "t.Owner");
  }
  void tell(const std::string& path, const std::string& type) {
    kit_.send(path, type);
    kit_.run();
  }
  std::vector<std::string> said() const {
    std::vector<std::string> lines;
    for (const auto& mail : probe_->mail) lines.push_back(mail.type + " " + mail.payload);
    return lines;
  }
  Kit kit_;
  Probe* probe_ = nullptr;
};

TEST_F(LinksTest, AnOwnNoticeCanBePutOffAndComesOnce) {
  tell("/owner", "t.Watch");
  tell("/owner/first", "t.Fail");
  EXPECT_THAT(said(), IsEmpty());
  tell("/owner", "t.Open");
  EXPECT_THAT(said(), ElementsAre("t.Said 1 1"));
  tell("/owner/second", "t.Fail");
  EXPECT_THAT(said(), ElementsAre("t.Said 1 1", "t.Said 2 1"));
}

TEST_F(LinksTest, UnwatchTakesItBack) {
  tell("/owner", "t.Watch");
  tell("/owner", "t.Open");
  tell("/owner", "t.Unwatch");
  tell("/owner/first", "t.Fail");
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(LinksTest, ALinkTakesTheOtherAlong) {
  tell("/owner", "t.Link");
  tell("/owner/first", "t.Fail");
  EXPECT_FALSE(kit_.lives("/owner"));
  EXPECT_FALSE(kit_.lives("/owner/second"));
  EXPECT_THAT(said(), ElementsAre("t.Stopped 1"));
}

TEST_F(LinksTest, ANormalEndAndAnUnlinkDoNot) {
  tell("/owner", "t.Link");
  tell("/owner", "t.Stop");
  EXPECT_TRUE(kit_.lives("/owner"));
  kit_.stop("/owner");
  kit_.add("/other", "t.Owner");
  tell("/other", "t.Link");
  tell("/other", "t.Unlink");
  tell("/other/first", "t.Fail");
  EXPECT_TRUE(kit_.lives("/other"));
}

}  // namespace
