// Cells, names and incarnations.
#include "runtime/registry.hpp"

#include <gtest/gtest.h>

namespace actord::host {
namespace {

std::shared_ptr<const ActorStart> at(const char* path) {
  auto start = std::make_shared<ActorStart>();
  start->path = *ActorPath::parse(path);
  return start;
}

TEST(Registry, ANameLeadsToItsActorUntilItIsFree) {
  Registry registry;
  const ActorRef ref = *registry.reserve();
  EXPECT_TRUE(registry.find("/a").is_nobody());
  ASSERT_TRUE(registry.bind(ref, at("/a")));
  EXPECT_EQ(registry.find("/a"), ref);
  EXPECT_EQ(registry.path_of(ref), "/a");
  registry.unbind(ref);
  EXPECT_TRUE(registry.find("/a").is_nobody());
}

TEST(Registry, ATakenNameIsRefusedAndNothingChanges) {
  Registry registry;
  const ActorRef first = *registry.reserve(), second = *registry.reserve();
  ASSERT_TRUE(registry.bind(first, at("/a")));
  EXPECT_EQ(registry.bind(second, at("/a")).error().code, ACTORD_E_EXISTS);
  EXPECT_EQ(registry.find("/a"), first);
  EXPECT_EQ(registry.path_of(second), "");
}

TEST(Registry, IncarnationsAreNeverUsedTwice) {
  Registry registry;
  const ActorRef first = *registry.reserve();
  registry.recycle(first);
  const ActorRef second = *registry.reserve();
  EXPECT_EQ(first.slot, second.slot);
  EXPECT_NE(first.incarnation, second.incarnation);
  EXPECT_EQ(registry.path_of(first), "");
}

TEST(Registry, AnyReferenceCanBeLookedAt) {
  Registry registry;
  EXPECT_EQ(registry.cell({0, 1}), nullptr) << "the outside has no cell";
  EXPECT_EQ(registry.cell({123, 1}), nullptr) << "a slot that never was";
  EXPECT_EQ(registry.cell({UINT64_MAX, 1}), nullptr);
  EXPECT_EQ(registry.path_of({UINT64_MAX, 1}), "");
  EXPECT_NE(registry.cell(*registry.reserve()), nullptr);
}

TEST(Registry, CellsNeverMoveWhileTheTableGrows) {
  Registry registry;
  const ActorRef first = *registry.reserve();
  ActorCell* const cell = registry.cell(first);
  for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(registry.reserve());
  EXPECT_EQ(registry.cell(first), cell);
  EXPECT_EQ(cell->slot, first.slot);
}

}  // namespace
}  // namespace actord::host
