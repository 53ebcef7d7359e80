#include "app/usage.hpp"

#include <vector>

#include "control/closest_name.hpp"

namespace actord::host {
namespace {

std::vector<CLI::App*> verbs_of(CLI::App& app) {
  return app.get_subcommands([](CLI::App*) { return true; });
}

std::vector<std::string> known_words(CLI::App& at, bool options) {
  std::vector<std::string> words;
  if (!options) {
    for (CLI::App* verb : verbs_of(at)) words.push_back(verb->get_name());
    return words;
  }
  for (const CLI::Option* option : at.get_options()) {
    for (const auto& name : option->get_lnames()) words.push_back("--" + name);
  }
  return words;
}

}  // namespace

std::string usage_text(CLI::App& app, const CLI::ParseError& error) {
  CLI::App* at = &app;
  std::string command = "actord";
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    command += " " + at->get_name();
  }
  std::string what = error.what();
  if (const auto extras = app.remaining(true); !extras.empty()) {
    const std::string& word = extras.front();
    const bool option = word.starts_with("-");
    const bool verb = !option && !verbs_of(*at).empty();
    what = std::string(option ? "unknown option"
                       : verb ? "unknown verb"
                              : "unexpected argument") +
           " \"" + word.substr(0, 80) + "\"" + did_you_mean(word, known_words(*at, option));
  }
  return "actord: " + what + "\n  next: " + command + " --help\n";
}

}  // namespace actord::host
