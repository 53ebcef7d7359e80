// Options: mailbox, supervision and persistence of an actor, as keys. The same readers serve
// `defaults` and every actor.
#pragma once

#include <string>
#include <vector>

#include "core/actor_options.hpp"
#include "topology/fields.hpp"

namespace actord::host {

// Each reads the map under its name into `options`; what is not given stays.
void read_mailbox(Fields& owner, MailboxOptions& options, Diagnostics& diagnostics);
void read_supervision(Fields& owner, SupervisionOptions& options, Diagnostics& diagnostics);
// `with_id`: `defaults` have none, an id names one actor.
void read_persistence(Fields& owner, PersistenceOptions& options, bool with_id);

// A list of words; sorted, each once.
void read_tags(Fields& owner, std::vector<std::string>& tags, Diagnostics& diagnostics);

}  // namespace actord::host
