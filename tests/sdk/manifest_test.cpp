// The manifests of the tree's plugins, read as a host reads them (from the file), and compared with
// what the code says.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <set>

#include "actord/abi.h"
#include "actord/bytes.hpp"
#include "actord/ext/persist.h"
#include "actord/json.hpp"

namespace {

using actord::Json;

// The note of type 2: its header is namesz 7, descsz, type 2, "actord".
std::string manifest_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t at = 12;
       (at = bytes.find(std::string("actord\0\0", 8), at)) != std::string::npos; ++at) {
    uint32_t header[3];
    std::memcpy(header, bytes.data() + at - sizeof(header), sizeof(header));
    if (header[0] == 7 && header[2] == ACTORD_NOTE_MANIFEST)
      return bytes.substr(at + 8, header[1] - 1);
  }
  return {};
}

std::string plugin_file(const char* name) {
  return std::string(ACTORD_PLUGIN_OUTPUT_DIR "/").append(name).append(".so");
}

class Manifest : public testing::TestWithParam<const char*> {};

TEST_P(Manifest, AgreesWithTheCode) {
  const std::string file = plugin_file(GetParam());
  const Json manifest = Json::parse(manifest_text(file));
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << ::dlerror();
  const auto entry =
      reinterpret_cast<actord_plugin_entry_fn>(::dlsym(library, ACTORD_PLUGIN_ENTRY_SYMBOL));
  ASSERT_NE(entry, nullptr);
  const actord_plugin& plugin = *entry();

  EXPECT_EQ(manifest.at("id"), actord::to_string(plugin.id));
  EXPECT_EQ(manifest.at("version"), actord::to_string(plugin.version));
  ASSERT_EQ(manifest.at("kinds").size(), plugin.kind_count);
  for (uint32_t i = 0; i < plugin.kind_count; ++i) {
    const actord_kind& kind = plugin.kinds[i];
    const Json& said = manifest.at("kinds").at(i);
    EXPECT_EQ(said.at("name"), actord::to_string(kind.name));
    EXPECT_EQ(said.value("state_version", 0u), kind.state_version);
    EXPECT_EQ(said.at("persistent"), kind.get_extension(ACTORD_EXT_ACTOR_PERSIST) != nullptr);
  }
}

TEST_P(Manifest, EverySettingIsDocumentedAndTyped) {
  const Json manifest = Json::parse(manifest_text(plugin_file(GetParam())));
  const std::set<std::string> types{"string",   "path", "integer", "number", "boolean",
                                    "duration", "size", "array",   "object"};
  for (const Json& kind : manifest.at("kinds")) {
    EXPECT_FALSE(kind.at("doc").get<std::string>().empty());
    for (const auto& [key, setting] : kind.at("settings").items()) {
      EXPECT_TRUE(types.contains(setting.at("type"))) << key;
      EXPECT_FALSE(setting.at("doc").get<std::string>().empty()) << key;
      EXPECT_NE(setting.contains("default"), setting.value("required", false)) << key;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Plugins, Manifest, testing::Values("io", "pkgwatch"));

}  // namespace
