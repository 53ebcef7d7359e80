// validate: Document -> Spec. Reports everything that is wrong at once and touches nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/kind_catalog.hpp"
#include "topology/diagnostic.hpp"
#include "topology/document.hpp"
#include "topology/spec.hpp"

namespace actord::host {

// What the host must find before the catalog can be filled.
struct PluginDecl {
  std::string name;
  std::string path;  // as written, or NAME.so
  std::string sha256;
  std::vector<std::string> plugin_dirs;
  Span span;         // where E202 and E203 belong
  Span sha256_span;  // where E204 belongs
};

// Errors in the declarations are reported by validate, not here: bad ones are left out.
std::vector<PluginDecl> plugin_declarations(const Document& document);

struct ValidateResult {
  std::optional<Spec> spec;  // absent: something is wrong
  Diagnostics diagnostics;
};

// A declared plugin that the catalog lacks is no finding here: whoever filled the catalog has reported
// why (E202, E203). Actors of such a plugin are checked as far as that goes and there is no spec.
ValidateResult validate(const Document& document, const KindCatalog& catalog);

}  // namespace actord::host
