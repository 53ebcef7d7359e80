// Tags under the TestKit: following, finding, and the set that the notices add up to.
#include "actord/listing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actord/actord.hpp"
#include "actord/testkit.hpp"

namespace {

using actord::Context, actord::Kind, actord::Listed, actord::Listing, actord::Message, actord::Ref;
using actord::testkit::Kit, actord::testkit::Probe;
using testing::ElementsAre, testing::IsEmpty, testing::SizeIs;

// Passes jobs on to those that carry "worker", one after the other.
class Dispatcher {
 public:
  static constexpr auto handlers() {
    return actord::table(actord::on("l.Job", &Dispatcher::job),
                         actord::on("l.Count", &Dispatcher::count),
                         actord::on("l.Fail", &Dispatcher::fail));
  }
  void start(Context& context) { context.follow("worker"); }
  void listed(Context&, const Listed& change) { workers_.apply(change); }
  void job(Context& context, const Message&) {
    if (workers_.empty()) return context.reject("no worker is there");
    context.forward(workers_.next());
  }
  void count(Context& context, const Message&) {
    context.send("/count", "l.Counted",
                 std::to_string(workers_.size()) + (workers_.complete() ? " all " : " some ") +
                     std::to_string(context.find("worker").size()));
  }
  void fail(Context&, const Message&) { throw actord::Failure("asked to"); }

 private:
  Listing workers_;
};

class Worker {
 public:
  static constexpr auto handlers() {
    return actord::table(actord::on("l.Job", &Worker::job), actord::on("l.Join", &Worker::join),
                         actord::on("l.Leave", &Worker::leave),
                         actord::on("l.Fail", &Worker::fail));
  }
  explicit Worker(const actord::Setup& setup) : name_(setup.path) {}
  void job(Context& context, const Message&) { context.send("/done", "l.Done", name_); }
  void join(Context& context, const Message&) { context.tag("worker"); }
  void leave(Context& context, const Message&) { context.untag("worker"); }
  void fail(Context&, const Message&) { throw actord::Failure("asked to"); }

 private:
  std::string name_;
};

class ListingTest : public testing::Test {
 protected:
  ListingTest() {
    kit.offer("l", Kind<Dispatcher>("Dispatcher"));
    kit.offer("l", Kind<Worker>("Worker"));
    for (const char* path : {"/a", "/b", "/c"}) kit.add(path, "l.Worker");
    kit.tag("/a", "worker");
    kit.tag("/b", "worker");
    kit.add("/dispatcher", "l.Dispatcher");
    kit.run();
  }
  std::vector<std::string> jobs(int number) {
    done.mail.clear();
    for (int i = 0; i < number; ++i) kit.send("/dispatcher", "l.Job");
    kit.run();
    std::vector<std::string> names;
    for (const auto& mail : done.mail) names.push_back(mail.payload);
    return names;
  }
  std::string counted() {
    kit.send("/dispatcher", "l.Count");
    kit.run();
    return count.mail.back().payload;
  }

  Kit kit;
  Probe& done = kit.probe("/done");
  Probe& count = kit.probe("/count");
};

TEST_F(ListingTest, ThoseThatCarryItTakeTurns) {
  EXPECT_EQ(counted(), "2 all 2");
  EXPECT_THAT(jobs(3), ElementsAre("/a", "/b", "/a"));
}

TEST_F(ListingTest, WhoComesAndGoesIsFollowed) {
  kit.send("/c", "l.Join");
  kit.run();
  EXPECT_EQ(counted(), "3 all 3");
  EXPECT_THAT(jobs(3), ElementsAre("/a", "/b", "/c"));
  kit.stop("/b");
  kit.send("/c", "l.Leave");
  kit.run();
  EXPECT_EQ(counted(), "1 all 1");
  EXPECT_THAT(jobs(2), ElementsAre("/a", "/a"));
}

TEST_F(ListingTest, WhatCodeAddedEndsWithTheInstanceAndWhatTheTopologyGaveDoesNot) {
  kit.send("/c", "l.Join");
  kit.send("/c", "l.Fail");
  kit.send("/a", "l.Fail");
  EXPECT_EQ(counted(), "2 all 2");
}

TEST_F(ListingTest, ANewInstanceOfTheFollowerBeginsAnew) {
  kit.send("/dispatcher", "l.Fail");
  kit.run();
  EXPECT_EQ(counted(), "2 all 2");
  EXPECT_THAT(jobs(2), ElementsAre("/a", "/b"));
}

TEST_F(ListingTest, ACrashBringsBackWhatTheTopologyGave) {
  kit.send("/c", "l.Join");
  kit.run();
  kit.crash();
  EXPECT_THAT(kit.tagged("worker"), IsEmpty());
  kit.restart();
  kit.run();
  EXPECT_THAT(kit.tagged("worker"), SizeIs(2));
}

TEST_F(ListingTest, WithNobodyThereAJobIsRejected) {
  kit.stop("/a");
  kit.stop("/b");
  EXPECT_THAT(jobs(1), IsEmpty());
  ASSERT_THAT(kit.letters(), SizeIs(1));
  EXPECT_EQ(kit.letters()[0].text, "no worker is there");
}

}  // namespace
