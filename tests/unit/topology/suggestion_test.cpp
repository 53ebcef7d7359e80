#include "topology/suggestion.hpp"

#include <gtest/gtest.h>

namespace actord::host {
namespace {

TEST(EditDistance, CountsInsertDeleteReplaceAndSwap) {
  EXPECT_EQ(edit_distance("mailbx", "mailbox"), 1u);
  EXPECT_EQ(edit_distance("mailboxx", "mailbox"), 1u);
  EXPECT_EQ(edit_distance("maulbox", "mailbox"), 1u);
  EXPECT_EQ(edit_distance("mialbox", "mailbox"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

TEST(Nearest, SuggestsOnlyWhatWasProbablyMeant) {
  const std::vector<std::string> keys = {"kind", "mailbox", "settings", "to"};
  EXPECT_EQ(nearest("mailbx", keys), "mailbox");
  EXPECT_EQ(nearest("Kind", keys), "kind");
  EXPECT_EQ(nearest("setings", keys), "settings");
  EXPECT_EQ(nearest("circuit_breaker", keys), std::nullopt);
  EXPECT_EQ(nearest("x", keys), std::nullopt);
  EXPECT_EQ(nearest("", keys), std::nullopt);
}

}  // namespace
}  // namespace actord::host
