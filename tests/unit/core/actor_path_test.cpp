#include "core/actor_path.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace actord::host {
namespace {

std::string deep(uint64_t segments) {
  std::string text;
  for (uint64_t i = 0; i < segments; ++i) text += "/s";
  return text;
}

TEST(ActorPath, GoodPathsAreKeptAsTheyAre) {
  for (const std::string& text :
       {std::string("/"), std::string("/a"), std::string("/orders/ledger"),
        std::string("/A.b_c-9/x"), std::string("/...") + "/..a",
        "/" + std::string(limits::kPathSegmentBytes, 'x'), deep(limits::kPathDepth)}) {
    const auto path = ActorPath::parse(text);
    ASSERT_TRUE(path) << text;
    EXPECT_EQ(path->text(), text);
  }
}

TEST(ActorPath, BadPathsAreRefusedWithThePathInTheText) {
  const std::string long_path = [] {
    std::string text;
    while (text.size() <= limits::kPathBytes) text += "/" + std::string(60, 'x');
    return text;
  }();
  for (const std::string& text :
       {std::string(""), std::string("a"), std::string("//"), std::string("/a/"),
        std::string("/a//b"), std::string("/."), std::string("/a/.."), std::string("/a b"),
        std::string("/ä"), std::string("/a\n"), std::string("/a*"),
        "/" + std::string(limits::kPathSegmentBytes + 1, 'x'), deep(limits::kPathDepth + 1),
        long_path, std::string("/a\0b", 4)}) {
    const auto path = ActorPath::parse(text);
    ASSERT_FALSE(path) << text;
    EXPECT_EQ(path.error().code, ACTORD_E_INVALID);
    EXPECT_NE(path.error().text.find(text.substr(0, 80)), std::string::npos);
  }
}

TEST(ActorPath, FamilyRelations) {
  const ActorPath root, a = root.child("a"), ab = a.child("b"), other = *ActorPath::parse("/ab");
  EXPECT_EQ(ab.text(), "/a/b");
  EXPECT_EQ(ab.parent(), a);
  EXPECT_EQ(a.parent(), root);
  EXPECT_EQ(root.parent(), root);
  EXPECT_EQ(ab.name(), "b");
  EXPECT_EQ(root.name(), "");
  EXPECT_TRUE(ab.is_under(a));
  EXPECT_TRUE(ab.is_under(root));
  EXPECT_FALSE(a.is_under(a));
  EXPECT_FALSE(other.is_under(a)) << "a prefix of the text is no parent";
  EXPECT_FALSE(root.is_under(root));
}

TEST(ActorPath, ItsDepthIsTheNumberOfSegments) {
  EXPECT_EQ(ActorPath().depth(), 0u);
  EXPECT_EQ(ActorPath::parse("/a/b/c")->depth(), 3u);
}

}  // namespace
}  // namespace actord::host
