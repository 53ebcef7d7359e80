#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace actord::host {
namespace {

TEST(Bytes, CopiesShareOneBuffer) {
  const Bytes a("hello");
  const Bytes b = a;
  EXPECT_EQ(a.buffer(), b.buffer());
  EXPECT_EQ(a.buffer()->references.load(), 2u);
  EXPECT_EQ(b.view(), "hello");
  EXPECT_EQ(b.size(), 5u);
}

TEST(Bytes, NothingNeedsNoBuffer) {
  const Bytes none, empty("");
  EXPECT_EQ(none.buffer(), nullptr);
  EXPECT_EQ(empty.buffer(), nullptr);
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.view(), "");
  EXPECT_EQ(none.size(), 0u);
}

TEST(Bytes, AMovedFromValueIsEmptyAndAssignmentReleasesTheOld) {
  Bytes a("a");
  Bytes b = std::move(a);
  EXPECT_TRUE(a.empty());  // NOLINT: the state after a move is part of the contract
  const Bytes keep = b;
  b = Bytes("b");
  EXPECT_EQ(keep.buffer()->references.load(), 1u);
  b = b.view() == "b" ? keep : b;
  EXPECT_EQ(b.view(), "a");
  Bytes& same = b;
  b = same;
  EXPECT_EQ(b.view(), "a");
}

TEST(Bytes, AdoptTakesTheReferenceAndShareAddsOne) {
  Buffer* buffer = Buffer::make(10);
  std::memcpy(buffer->data(), "0123456789", 10);
  buffer->seal(4);
  {
    const Bytes shared = Bytes::share(buffer);
    EXPECT_EQ(buffer->references.load(), 2u);
    EXPECT_EQ(shared.view(), "0123");
  }
  const Bytes adopted = Bytes::adopt(buffer);
  EXPECT_EQ(buffer->references.load(), 1u);
  EXPECT_TRUE(Bytes::share(nullptr).empty());
}

TEST(Bytes, SealingNeverClaimsMoreThanThereIs) {
  Buffer* buffer = Buffer::make(4);
  std::memcpy(buffer->data(), "abcd", 4);
  buffer->seal(1'000);
  EXPECT_EQ(Bytes::adopt(buffer).size(), 4u);
}

TEST(Bytes, AnyThreadMayHoldAndDropReferences) {
  const Bytes bytes(std::string(1'000, 'x'));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        const Bytes copy = bytes;
        ASSERT_EQ(copy.view().back(), 'x');
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(bytes.buffer()->references.load(), 1u);
}

}  // namespace
}  // namespace actord::host
