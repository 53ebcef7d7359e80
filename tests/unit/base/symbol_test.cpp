#include "base/symbol.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/limits.hpp"

namespace actord::host {
namespace {

TEST(Symbol, TheSameNameIsTheSameSymbol) {
  const Symbol a = *Symbol::intern("order.Created");
  const Symbol b = *Symbol::intern(std::string("order.") + "Created");
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.name().data(), b.name().data());
  EXPECT_NE(a, *Symbol::intern("order.created"));
  EXPECT_EQ(a.name(), "order.Created");
}

TEST(Symbol, NoSymbolIsEmpty) {
  EXPECT_TRUE(Symbol().empty());
  EXPECT_EQ(Symbol().name(), "");
}

TEST(Symbol, NamesAreBoundedInLength) {
  EXPECT_TRUE(Symbol::intern(std::string(limits::kTypeNameBytes, 'n')));
  EXPECT_FALSE(Symbol::intern(std::string(limits::kTypeNameBytes + 1, 'n')));
}

TEST(Symbol, ThreadsAgree) {
  std::vector<std::vector<Symbol>> seen(4);
  std::vector<std::thread> threads;
  for (auto& mine : seen) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) mine.push_back(*Symbol::intern("thread." + std::to_string(i)));
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& mine : seen) EXPECT_EQ(mine, seen[0]);
}

// In a process of its own, so that the full table is not the other tests' problem.
TEST(SymbolDeathTest, Law15AFullTableRefusesNewNamesAndKnowsTheOldOnes) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        uint64_t made = 0;
        while (made <= limits::kSymbolsMax && Symbol::intern("full." + std::to_string(made)))
          ++made;
        const bool refused = !Symbol::intern("one.more");
        const bool known = Symbol::intern("full.0").has_value();
        std::exit(made <= limits::kSymbolsMax && refused && known ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace actord::host
