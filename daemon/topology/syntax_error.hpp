// SyntaxError: what is wrong with a text that is no YAML, in words for people (E101). The parser's
// own message says where it gave up; that is often far from where the mistake is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "topology/diagnostic.hpp"
#include "topology/source_file.hpp"

namespace actord::host {

// `message` and `offset`: what the parser said, and where.
Diagnostic syntax_error(const SourceFile& file, std::string_view message, size_t offset);

}  // namespace actord::host
