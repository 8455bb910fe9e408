// Where adapters and tools that were made through the API are kept. Those of the configuration file never come here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/adapter.h"

namespace gw::store {

// Which state of an adapter a change is meant for.
struct Version {
  std::string uid;
  std::uint64_t revision = 0;

  bool operator==(const Version&) const = default;
};

inline Version version_of(const model::Adapter& adapter) {
  return {adapter.uid, adapter.revision};
}

struct Page {
  std::vector<model::Adapter> adapters;  // In the order of their names, byte by byte.
  bool more = false;                     // Others follow; ask again after the last name.
};

// Thread-safe and synchronous: calls may wait for a disk, so coroutines make them on a BlockingPool. A change is kept
// when its call has returned, and visible to every later call. Failures of the storage itself are Errc::unavailable.
// store/contract_test.h holds every implementation to this.
class ResourceStore {
 public:
  virtual ~ResourceStore() = default;

  // At most `limit` adapters (1 or more) whose names come after `after`; all of them from the start when it is empty.
  virtual Result<Page> list(std::string_view after, std::size_t limit) = 0;
  // Errc::not_found.
  virtual Result<model::Adapter> get(std::string_view name) = 0;
  // Stores `adapter` as it is. Errc::conflict when the name is taken.
  virtual Result<> create(const model::Adapter& adapter) = 0;
  // Replaces the specification and last_updated_at of the adapter of that name; everything else stays, and the revision
  // grows by one. Returns what is stored now. Errc::not_found; Errc::precondition_failed unless its state is
  // `expected`.
  virtual Result<model::Adapter> update(const model::AdapterSpec& spec, WallTime now,
                                        const std::optional<Version>& expected) = 0;
  // Errc::not_found; Errc::precondition_failed unless its state is `expected`.
  virtual Result<> remove(std::string_view name, const std::optional<Version>& expected) = 0;
};

// The sentences that all stores use. `noun` is what was asked for: "adapter" or "tool" (model::noun_of).
std::unexpected<Error> not_found(std::string_view name, std::string_view noun = "adapter");
// `by` is the noun of what has the name, where that is known.
std::unexpected<Error> name_taken(std::string_view name, std::string_view by = "");
std::unexpected<Error> changed_meanwhile(std::string_view name, std::string_view noun = "adapter");

}  // namespace gw::store
