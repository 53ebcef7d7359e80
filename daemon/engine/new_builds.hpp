// NewBuilds: plugins whose file has changed though the topology says the same. Their code serves actors
// started from now on; those that run keep theirs until they are restarted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/kind_catalog.hpp"
#include "runtime/actor_tree.hpp"
#include "topology/plan.hpp"

namespace actord::host {

// Puts them into a plan: a change for people, and a step that loads what `to` says. spec: as wanted.
void add_new_builds(Plan& plan, const KindCatalog& from, const KindCatalog& to, const Spec& spec);

using ActorsByPlugin = std::map<std::string, std::vector<std::string>>;

// The actors whose instances are of another build than the catalog's, and that the plan leaves running.
ActorsByPlugin actors_of_old_builds(const std::vector<ActorView>& actors,
                                    const KindCatalog& catalog, const Plan& plan);

// The first hex digits of a sha256: enough to tell builds apart.
std::string short_sha256(const std::string& sha256);

}  // namespace actord::host
