// Usage: what is said about a command line that cannot be read.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace actord::host {

// "actord: unknown verb "chekc", did you mean "check"?", and what to type next.
std::string usage_text(CLI::App& app, const CLI::ParseError& error);

}  // namespace actord::host
