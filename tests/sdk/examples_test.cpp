// The examples do what their README says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actord/testkit.hpp"

namespace {

using actord::testkit::Kit;
using testing::Contains, testing::Field, testing::HasSubstr, testing::SizeIs;
using namespace std::chrono_literals;

TEST(Counter, CountsAndAnswers) {
  Kit kit;
  kit.load(ACTORD_EXAMPLE_DIR "/counter.so");
  kit.add("/counter", "counter.Counter");
  for (int i = 0; i < 3; ++i) kit.send("/counter", "counter.Increment");
  EXPECT_EQ(kit.ask("/counter", "counter.Read").payload, R"({"count":3})");
  kit.send("/counter", "counter.Read");  // nobody wants the answer: no failure
  kit.send("/counter", "counter.What");
  kit.run();
  ASSERT_THAT(kit.letters(), SizeIs(1));
  EXPECT_EQ(kit.letters()[0].reason, ACTORD_DEAD_UNHANDLED);
}

class MeterTest : public testing::Test {
 protected:
  MeterTest() {
    kit_.load(ACTORD_EXAMPLE_DIR "/meter.so");
    kit_.add("/meter", "meter.Meter", R"({"report":1000})");
  }
  void pulse(int times) {
    for (int i = 0; i < times; ++i) kit_.send("/meter", "meter.Pulse");
    kit_.run();
  }
  Kit kit_;
};

TEST_F(MeterTest, KeepsItsCountThroughACrash) {
  pulse(3);
  kit_.crash();
  kit_.restart();
  pulse(1);
  EXPECT_EQ(kit_.ask("/meter", "meter.Read").payload, R"({"count":4})");
}

TEST_F(MeterTest, SnapshotAndReplayAgree) {
  kit_.snapshot_every(2);
  pulse(5);
  ASSERT_TRUE(kit_.stored("/meter").snapshot);
  kit_.crash();
  kit_.restart();
  EXPECT_EQ(kit_.ask("/meter", "meter.Read").payload, R"({"count":5})");
}

TEST_F(MeterTest, ReportsOnItsTimer) {
  pulse(2);
  kit_.advance(1s);
  EXPECT_THAT(kit_.logs(),
              Contains(Field(&actord::testkit::LogLine::text, HasSubstr("2 pulses so far"))));
}

TEST(Meter, WithoutItsSettingItIsParked) {
  Kit kit;
  kit.load(ACTORD_EXAMPLE_DIR "/meter.so");
  kit.add("/meter", "meter.Meter", "{}");
  EXPECT_THAT(kit.parked("/meter"), HasSubstr("the setting report"));
}

class GreeterTest : public testing::Test {
 protected:
  GreeterTest() {
    kit_.load(ACTORD_EXAMPLE_DIR "/greeter.so");
    kit_.add("/greeter", "greeter.Greeter", R"({"greeting":"ciao","report":"1s"})");
  }
  std::string greet(const std::string& name) {
    return kit_.ask("/greeter", "greeter.Greet", R"({"name":")" + name + "\"}").payload;
  }
  Kit kit_;
};

TEST_F(GreeterTest, RemembersItsGuestsThroughACrash) {
  EXPECT_EQ(greet("Ada"), R"({"text":"ciao, Ada","times":1})");
  kit_.crash();
  kit_.restart();
  EXPECT_EQ(greet("Ada"), R"({"text":"ciao, Ada","times":2})");
}

TEST_F(GreeterTest, SnapshotAndReplayAgree) {
  kit_.snapshot_every(2);
  for (int i = 0; i < 5; ++i) greet("Ada");
  ASSERT_TRUE(kit_.stored("/greeter").snapshot);
  kit_.crash();
  kit_.restart();
  EXPECT_EQ(greet("Ada"), R"({"text":"ciao, Ada","times":6})");
}

TEST_F(GreeterTest, ANamelessGuestIsADeadLetterAndNoFailure) {
  greet("");
  ASSERT_THAT(kit_.letters(), SizeIs(1));
  EXPECT_THAT(kit_.letters()[0].text, HasSubstr("name is empty"));
  EXPECT_EQ(kit_.restarts("/greeter"), 0u);
}

TEST_F(GreeterTest, ReportsOnItsTimer) {
  greet("Ada");
  kit_.advance(1s);
  EXPECT_THAT(kit_.logs(),
              Contains(Field(&actord::testkit::LogLine::text, HasSubstr("greeted 1 guests"))));
}

TEST(Greeter, SettingsErrorsNameTheKey) {
  Kit kit;
  kit.load(ACTORD_EXAMPLE_DIR "/greeter.so");
  kit.add("/greeter", "greeter.Greeter", R"({"greting":"ciao"})");
  EXPECT_EQ(kit.parked("/greeter"),
            "create: FAIL_CONFIG: setting \"greting\" is unknown; there are: greeting, report");
}

}  // namespace
