// docs/TOPOLOGY.md names every key that the loader allows, and no other. What is allowed is asked of the
// loader itself: an unknown key in a map is answered with the known ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "support/topology_text.hpp"

namespace actord::host {
namespace {

using Keys = std::set<std::string>;

// A flow map down to the place, with a key in it that nothing knows.
std::string with_unknown_key(const std::vector<std::string>& place) {
  std::string text = "version: 1\n";
  for (size_t i = 0; i < place.size(); ++i)
    text += (i == 0 ? "" : "{") + place[i] + ": " + (place[i] == "subscriptions" ? "[" : "");
  text += place.empty() ? "nosuchkey: 0" : "{nosuchkey: 0}";
  for (size_t i = place.size(); i-- > 0;)
    text += std::string(place[i] == "subscriptions" ? "]" : "") + (i == 0 ? "" : "}");
  return text + "\n";
}

// Empty: no map with keys of its own.
std::vector<std::string> allowed_at(const std::vector<std::string>& place) {
  constexpr std::string_view kAllowed = "allowed: ";
  const auto checked = testing::check_text(with_unknown_key(place));
  for (const Diagnostic& one : checked.diagnostics.list()) {
    const bool mine = one.code == "E102" && one.text.find("`nosuchkey`") != std::string::npos;
    if (!mine || !one.note.starts_with(kAllowed)) continue;
    std::vector<std::string> keys;
    std::istringstream words(one.note.substr(kAllowed.size()));
    for (std::string word; words >> word;) {
      if (word.back() == ',') word.pop_back();
      keys.push_back(word);
    }
    return keys;
  }
  return {};
}

// What may stand below an actor and below `defaults` is described once.
std::string described_as(std::string key) {
  for (const std::string above : {"actors.NAME.", "defaults."}) {
    for (const std::string shared : {"mailbox.", "supervision.", "persistence."}) {
      if (key.starts_with(above + shared)) return key.substr(above.size());
    }
  }
  return key;
}

void collect(const std::vector<std::string>& place, const std::string& prefix, Keys& found) {
  const bool named = !place.empty() && (place.back() == "actors" || place.back() == "plugins" ||
                                        place.back() == "types");
  const auto keys = named ? std::vector<std::string>{"NAME"} : allowed_at(place);
  if (keys.empty()) found.insert(described_as(prefix.substr(0, prefix.size() - 1)));
  for (const std::string& key : keys) {
    std::vector<std::string> below = place;
    below.push_back(key);
    collect(below, prefix + key + ".", found);
  }
}

// The first cell of each row: | `host.name` | ...
Keys documented() {
  std::ifstream file(std::string(ACTORD_SOURCE_DIR) + "/docs/TOPOLOGY.md");
  Keys keys;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    EXPECT_TRUE(keys.insert(line.substr(3, line.find('`', 3) - 3)).second) << "twice: " << line;
  }
  return keys;
}

TEST(Reference, DescribesEveryKeyThatTheLoaderAllowsAndNoOther) {
  Keys allowed;
  collect({}, "", allowed);
  EXPECT_GT(allowed.size(), 50u);
  EXPECT_THAT(documented(), ::testing::ContainerEq(allowed));
}

}  // namespace
}  // namespace actord::host
