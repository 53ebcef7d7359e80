// Settings: an actor's own settings, checked against its kind's schema.
#pragma once

#include <string>

#include "core/kind_catalog.hpp"
#include "topology/diagnostic.hpp"
#include "topology/document.hpp"

namespace actord::host {

// The settings as the text of a JSON object: typed by the schema, defaults filled, keys in order.
// Durations become milliseconds, sizes bytes. Everything wrong is reported (E304).
// `settings`: null when not given. `at`: where to report what is missing.
std::string checked_settings(const KindInfo& kind, const Node* settings, const Span& at,
                             Diagnostics& diagnostics);

}  // namespace actord::host
