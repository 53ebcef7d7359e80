#include "base/symbol.hpp"

#include <array>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <unordered_set>

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace actord::host {
namespace {

struct Hash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

struct Table {
  std::shared_mutex mutex;
  std::unordered_set<std::string, Hash, std::equal_to<>> names;  // nodes never move
};

Table& table() {
  static Table* instance = new Table;  // outlives every thread, so never destroyed
  return *instance;
}

// The last few names of this thread, found without a lock. Names are few and hot.
constexpr size_t kCacheSize = 64;
thread_local std::array<const std::string*, kCacheSize> cache{};

}  // namespace

std::optional<Symbol> Symbol::intern(std::string_view name) {
  if (name.size() > limits::kTypeNameBytes) return std::nullopt;
  const size_t hash = Hash{}(name);
  const std::string*& cached = cache[hash % kCacheSize];
  if (cached != nullptr && *cached == name) return Symbol(cached);
  Table& t = table();
  {
    const std::shared_lock lock(t.mutex);
    if (const auto it = t.names.find(name); it != t.names.end()) {
      cached = &*it;
      return Symbol(cached);
    }
  }
  const std::unique_lock lock(t.mutex);
  if (t.names.size() >= limits::kSymbolsMax) return std::nullopt;
  cached = &*t.names.emplace(name).first;
  return Symbol(cached);
}

Symbol Symbol::of(std::string_view name) {
  const auto symbol = intern(name);
  ACTORD_ASSERT(symbol.has_value());
  return *symbol;
}

}  // namespace actord::host
