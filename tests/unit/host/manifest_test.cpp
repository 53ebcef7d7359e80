#include "host/manifest.hpp"

#include <gmock/gmock.h>

#include "base/limits.hpp"
#include "unit/host/elf_builder.hpp"

namespace actord::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<ElfNote> notes(const std::string& json,
                           actord_note_version version = {ACTORD_ABI_MAJOR, 0, 0, 0}) {
  std::string record;
  testing::append(record, version);
  return {{ACTORD_NOTE_VERSION, record}, {ACTORD_NOTE_MANIFEST, json + '\0'}};
}

std::string manifest_refusal(const std::vector<ElfNote>& of) {
  const auto plugin = read_manifest(of);
  return plugin ? "accepted" : plugin.error().text;
}

// The error of a manifest whose only kind has this text in its braces, after its name.
std::string kind_refusal(const std::string& members) {
  const auto plugin = parse_manifest_json(R"({"id":"demo","version":"1","kinds":[{"name":"Echo",)" +
                                          members + "}]}");
  return plugin ? "accepted" : plugin.error().text;
}
std::string setting_refusal(const std::string& setting) {
  return kind_refusal(R"("settings":{"key":)" + setting + "}");
}

TEST(Manifest, ReadsAllOfIt) {
  const auto plugin = read_manifest(notes(R"({
    "id": "orders", "version": "1.4.2", "doc": "Orders.", "since": "a member of a later SDK",
    "kinds": [{"name": "Ledger", "doc": "Keeps.", "persistent": true, "state_version": 3,
               "accepts": ["orders.Book"], "emits": ["orders.Booked"],
               "settings": {"path": {"type": "string", "required": true, "enum": ["a", "b"], "doc": "Where."},
                            "lines": {"type": "integer", "default": 100, "min": 1, "max": 500},
                            "every": {"type": "duration", "default": "250ms", "max": "1h"}}},
              {"name": "Intake"}]})",
                                          {ACTORD_ABI_MAJOR, 7, 0, 0}));
  ASSERT_TRUE(plugin) << plugin.error().text;
  EXPECT_EQ(plugin->id, "orders");
  EXPECT_EQ(plugin->version, "1.4.2");
  EXPECT_EQ(plugin->abi_minor_built, 7u);
  ASSERT_EQ(plugin->kinds.size(), 2u);
  const KindInfo& ledger = plugin->kinds[0];
  EXPECT_EQ(ledger.name, "orders.Ledger");
  EXPECT_EQ(ledger.plugin, "orders");
  EXPECT_TRUE(ledger.persistent);
  EXPECT_EQ(ledger.state_version, 3u);
  EXPECT_THAT(ledger.accepts, ElementsAre("orders.Book"));
  ASSERT_EQ(ledger.settings.size(), 3u);
  EXPECT_EQ(ledger.settings[0].key, "every");
  EXPECT_EQ(ledger.settings[0].default_value, "250ms");
  EXPECT_EQ(ledger.settings[1].min, 1);
  EXPECT_EQ(ledger.settings[1].max, 500);
  EXPECT_TRUE(ledger.settings[2].required);
  EXPECT_THAT(ledger.settings[2].one_of, ElementsAre("a", "b"));
  EXPECT_FALSE(plugin->kinds[1].persistent);
}

TEST(Manifest, ASettingMayNameAnActor) {
  EXPECT_EQ(setting_refusal(R"({"type": "path", "default": "/orders"})"), "accepted");
  EXPECT_THAT(setting_refusal(R"({"type": "path", "default": 3})"), HasSubstr("is no path: 3"));
}

TEST(Manifest, WithoutANoteItIsNoPlugin) {
  EXPECT_EQ(manifest_refusal({}),
            "is not an actord plugin (no .note.actord; did you link actord::sdk?)");
}

TEST(Manifest, AnotherMajorIsRefusedBeforeTheJsonIsLookedAt) {
  EXPECT_EQ(manifest_refusal(notes("not json", {2, 0, 0, 0})),
            "was built with SDK 2.0; this host accepts 1.0. Rebuild it with actord-dev 1.0");
}

TEST(Manifest, AMinorThatIsTooNewIsRefused) {
  EXPECT_THAT(manifest_refusal(notes(testing::kGoodManifest, {1, 9, 9, 0})),
              HasSubstr("needs a host of SDK 1.9 or later; this host offers 1.0"));
}

TEST(Manifest, AYoungerPluginThatCanLiveWithThisHostIsAccepted) {
  EXPECT_EQ(manifest_refusal(notes(testing::kGoodManifest, {1, 9, 0, 0})), "accepted");
}

TEST(Manifest, TwoManifestsAreRefused) {
  auto two = notes(testing::kGoodManifest);
  two.push_back(two.back());
  EXPECT_THAT(manifest_refusal(two), HasSubstr("ACTORD_MANIFEST stands once"));
}

TEST(Manifest, HalfANoteIsRefused) {
  auto record = notes(testing::kGoodManifest);
  record.pop_back();
  EXPECT_THAT(manifest_refusal(record), HasSubstr("without a manifest"));
  EXPECT_THAT(manifest_refusal({{ACTORD_NOTE_VERSION, "abc"}}), HasSubstr("too short"));
  EXPECT_THAT(manifest_refusal({{ACTORD_NOTE_MANIFEST, "{}"}}),
              HasSubstr("without a version record"));
}

TEST(Manifest, EachErrorNamesItsMember) {
  const auto whole = [](const std::string& json) { return manifest_refusal(notes(json)); };
  EXPECT_THAT(whole("{"), HasSubstr("no valid JSON"));
  EXPECT_THAT(whole("\"\xff\""), HasSubstr("no valid JSON"));
  EXPECT_THAT(whole("[]"), HasSubstr("the manifest: wants an object"));
  EXPECT_THAT(whole("{}"), HasSubstr("id: is missing"));
  EXPECT_THAT(whole(R"({"id": 3})"), HasSubstr("id: wants text, got 3"));
  EXPECT_THAT(whole(R"({"id": "a.b", "version": "1"})"), HasSubstr("id: \"a.b\""));
  EXPECT_THAT(whole(R"({"id": "a", "version": "1"})"), HasSubstr("kinds: wants a list"));
  EXPECT_THAT(whole(R"({"id": "a", "version": "1", "kinds": []})"), HasSubstr("at least one"));
  EXPECT_THAT(whole(R"({"id": "a", "version": "1", "kinds": [7]})"),
              HasSubstr("kinds[0]: wants an object"));
  EXPECT_THAT(whole(R"({"id": "a", "version": "1", "kinds": [{"name": "A"}, {"name": "A"}]})"),
              HasSubstr("kinds[1].name: a.A is there twice"));
  EXPECT_THAT(kind_refusal(R"("persistent": 1)"),
              HasSubstr("kinds[0].persistent: wants true or false, got 1"));
  EXPECT_THAT(kind_refusal(R"("state_version": -1)"),
              HasSubstr("kinds[0].state_version: wants a whole number"));
  EXPECT_THAT(kind_refusal(R"("accepts": "x")"),
              HasSubstr("kinds[0].accepts: wants a list of texts"));
  EXPECT_THAT(kind_refusal(R"("settings": [])"), HasSubstr("kinds[0].settings: wants an object"));
  EXPECT_THAT(setting_refusal(R"({"type": "int"})"),
              HasSubstr("kinds[0].settings.key.type: \"int\" is no type; allowed: string"));
  EXPECT_THAT(setting_refusal(R"({})"), HasSubstr("settings.key.type: is missing"));
  EXPECT_THAT(setting_refusal(R"({"type": "integer", "default": "ten"})"),
              HasSubstr("settings.key.default: is no integer"));
  EXPECT_THAT(setting_refusal(R"({"type": "integer", "max": "ten"})"),
              HasSubstr("settings.key.max: wants a number"));
  EXPECT_THAT(setting_refusal(R"({"type": "integer", "enum": ["a"]})"),
              HasSubstr("goes with type string"));
}

TEST(Manifest, LimitsAreKept) {
  EXPECT_THAT(manifest_refusal(notes(std::string(limits::kManifestBytes + 1, ' '))),
              HasSubstr("larger than 1 MiB"));
  EXPECT_THAT(manifest_refusal(notes(std::string(limits::kManifestDepth + 1, '['))),
              HasSubstr("nested deeper than 32"));
  EXPECT_THAT(manifest_refusal(notes("{\"id\": \"" + std::string(1000, '[') + "\"}")),
              HasSubstr("version: is missing"));
}

}  // namespace
}  // namespace actord::host
