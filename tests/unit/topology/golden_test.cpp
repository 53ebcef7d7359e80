// tests/golden/topology/NAME.yaml -> NAME.txt: what `check` prints, then the boot plan; with
// NAME.next.yaml also the plan of the reload from the one to the other. A line "#host CODE PLUGIN TEXT"
// stands for what the host finds in a plugin's file. ACTORD_GOLDEN_UPDATE=1 writes the expected texts.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/topology_text.hpp"
#include "topology/plan.hpp"

namespace actord::host {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(ACTORD_SOURCE_DIR) / "tests/golden/topology";

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The disk, seen from the folder, so that names in messages are short and the same everywhere.
SourceReader folder_reader() {
  SourceReader reader;
  reader.read = [](const std::string& path) -> Result<std::string> {
    if (!fs::exists(kFolder / path))
      return Error{ACTORD_E_NOT_FOUND, path + ": No such file or directory"};
    return content(kFolder / path);
  };
  reader.glob = [](const std::string& pattern) {
    std::vector<std::string> paths = disk_reader().glob((kFolder / pattern).string());
    for (auto& path : paths) path = fs::relative(path, kFolder).string();
    return paths;
  };
  return reader;
}

void add_host_findings(testing::Checked& checked) {
  if (!checked.loaded.document) return;
  const auto plugins = plugin_declarations(*checked.loaded.document);
  std::istringstream lines(checked.loaded.files.front().text());
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string mark, code, name, text;
    if (!(words >> mark >> code >> name) || mark != "#host") continue;
    std::getline(words >> std::ws, text);
    for (const auto& plugin : plugins) {
      if (plugin.name == name)
        checked.diagnostics.add(code, code == "E204" ? plugin.sha256_span : plugin.span, text);
    }
  }
}

testing::Checked check_file(const std::string& name) {
  auto checked = testing::check(name, folder_reader(), {{"SITE", "plant-7"}});
  add_host_findings(checked);
  return checked;
}

std::string outcome(const std::string& name) {
  const auto checked = check_file(name + ".yaml");
  std::string out = checked.rendered();
  if (checked.diagnostics.has_errors()) return out;
  out += "\nboot:\n" + print_steps(diff({}, *checked.spec));
  if (!fs::exists(kFolder / (name + ".next.yaml"))) return out;
  const auto next = check_file(name + ".next.yaml");
  if (next.diagnostics.has_errors()) return out + "\n" + next.rendered();
  const Plan plan = diff(*checked.spec, *next.spec);
  return out + "\nreload:\n" + print(plan) + "\nsteps:\n" + print_steps(plan);
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".yaml") && !name.ends_with(".next.yaml"))
      names.push_back(name.substr(0, name.size() - 5));
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Golden : public ::testing::TestWithParam<std::string> {};
TEST_P(Golden, SaysWhatItSaidBefore) {
  const fs::path expected = kFolder / (GetParam() + ".txt");
  const std::string actual = outcome(GetParam());
  if (std::getenv("ACTORD_GOLDEN_UPDATE") != nullptr)
    std::ofstream(expected, std::ios::binary) << actual;
  EXPECT_EQ(actual, content(expected));
}
INSTANTIATE_TEST_SUITE_P(Topology, Golden, ::testing::ValuesIn(cases()), [](const auto& tested) {
  std::string name = tested.param;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
});

TEST(GoldenCases, CoverEveryCode) {
  std::string all;
  for (const auto& name : cases()) all += content(kFolder / (name + ".txt"));
  for (const char* code :
       {"E101", "E102", "E103", "E104", "E105", "E106", "E107", "E201", "E202", "E203", "E204",
        "E301", "E302", "E303", "E304", "E305", "E306", "E307", "E308", "W210", "W211"}) {
    EXPECT_NE(all.find("[" + std::string(code) + "]"), std::string::npos) << code;
  }
}

}  // namespace
}  // namespace actord::host
