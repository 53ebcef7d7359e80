// The options of a subscription, as keys: where, throttle, debounce.
#pragma once

#include <vector>

#include "core/subscription_options.hpp"
#include "topology/fields.hpp"
#include "topology/source_file.hpp"

namespace actord::host {

// Reads them all, whatever is wrong with some. False: something was reported. files: so that a mistake
// in a condition is shown at its very place.
bool read_subscription_options(Fields& subscription, const std::vector<SourceFile>& files,
                               SubscriptionOptions& options, Diagnostics& diagnostics);

}  // namespace actord::host
