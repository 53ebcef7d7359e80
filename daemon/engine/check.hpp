// Check: from a file name to a spec, or to everything that is wrong with it. The start of the daemon,
// a reload and `actord check` all go through here (law 11). Touches nothing and runs no plugin code.
#pragma once

#include <optional>
#include <string>

#include "core/kind_catalog.hpp"
#include "topology/document.hpp"
#include "topology/environment.hpp"
#include "topology/source_file.hpp"
#include "topology/validate.hpp"

namespace actord::host {

struct Checked {
  std::optional<Spec> spec;  // absent: there are errors
  KindCatalog catalog;
  Diagnostics diagnostics;
  std::vector<SourceFile> files;
  CheckedCounts counts;
  bool missing = false;  // the file does not exist

  std::string report() const { return render(diagnostics, files, counts); }
};

Checked check_topology(const std::string& path, const EnvLookup& env, const SourceReader& reader);

}  // namespace actord::host
