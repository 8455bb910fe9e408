#include "control/definition_watch.h"

#include "base/log.h"
#include "base/strings.h"
#include "runtime/time.h"

namespace gw::control {

void DefinitionWatch::listed(const catalogue::Listing& listing) {
  Adapter& adapter = adapters_[listing.adapter];
  const std::uint64_t now = ++adapter.listings;
  for (const catalogue::Definition& definition : listing.definitions) {
    Known& known = adapter.definitions[{definition.kind, definition.name}];
    if (std::exchange(known.listing, now) == now) continue;  // Listed twice: the first counts.
    if (!known.hash.empty() && known.hash != definition.hash) changed(adapter, listing, definition, known.hash);
    known.hash = definition.hash;
  }
  if (adapter.definitions.size() <= most_known) return;
  std::erase_if(adapter.definitions, [now](const auto& entry) { return entry.second.listing != now; });
}

void DefinitionWatch::forget(std::string_view adapter) {
  if (const auto found = adapters_.find(adapter); found != adapters_.end()) adapters_.erase(found);
}

void DefinitionWatch::changed(Adapter& adapter, const catalogue::Listing& listing,
                              const catalogue::Definition& definition, const std::string& before) {
  counters_.definitions_changed.add();
  const SteadyTime now = steady_now();
  if (now - adapter.minute > std::chrono::minutes(1)) {
    if (adapter.untold > 0) {
      log::info("catalogue.definitions_changed", {{"adapter", listing.adapter}, {"definitions", adapter.untold}});
    }
    adapter.minute = now;
    adapter.told = 0;
    adapter.untold = 0;
  }
  if (adapter.told == most_told) {
    ++adapter.untold;
    return;
  }
  ++adapter.told;
  log::info("catalogue.definition_changed", {{"adapter", listing.adapter},
                                             {"kind", to_string(definition.kind)},
                                             {"name", printable(definition.name)},
                                             {"from", before},
                                             {"to", definition.hash}});
}

}  // namespace gw::control
