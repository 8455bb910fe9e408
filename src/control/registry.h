// The adapters and tools that there should be: those made through the API, which the store keeps, and those of the
// configuration file.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/adapter.h"
#include "runtime/blocking_pool.h"
#include "runtime/completions.h"
#include "schema/report.h"
#include "store/resource_store.h"

namespace gw::control {

// What a new configuration file changed, by name and in the order of names.
struct FileChange {
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;

  bool empty() const { return added.empty() && changed.empty() && removed.empty(); }
};

// On the control loop. Reading is a look into memory; a change is in the store before it is seen here, and once begun
// it completes, whether or not its caller waits for it.
//
// A name belongs to the file when the file has it: an adapter of the store with the same name is kept but shadowed, and
// counts again when the file lets go of the name.
class Registry {
 public:
  using OnChange = std::function<void(const std::vector<std::string>& names)>;

  // `on_change` is called after each change, with the names that mean something else now. `store` and `blocking`
  // outlive the registry.
  Registry(store::ResourceStore& store, BlockingPool& blocking, OnChange on_change);

  // Reads the whole store; on_change is not called.
  Task<Result<>> load();

  // Replaces the adapters and tools of the file, all of them or, when one cannot be, none: then what is wrong, with
  // fields such as "servers[2].imageName". The specifications are checked and their names differ (config/load.h).
  std::expected<FileChange, std::vector<schema::Problem>> apply_file(std::vector<model::AdapterSpec> specs);

  // Null when there is none. Valid until the next change.
  const model::Adapter* find(std::string_view name) const;
  // At most `limit` of the adapters that are `wanted` (all when it is empty), after the name `after`, sorted by name.
  using Filter = std::function<bool(const model::Adapter&)>;
  std::vector<const model::Adapter*> list(std::string_view after, std::size_t limit, const Filter& wanted = {}) const;
  std::vector<std::string> names() const;
  // Names of stored adapters that are shadowed, of those that are `wanted`.
  std::vector<std::string> shadowed(const Filter& wanted = {}) const;
  // The uids of pinned adapters, also of shadowed ones.
  std::set<std::string, std::less<>> pinned() const;
  std::size_t size() const { return adapters_.size(); }

  // Errc::conflict when the name is taken, Errc::unsupported for images.
  Task<Result<model::Adapter>> create(model::AdapterSpec spec, std::string created_by);
  // Replaces the whole specification. Errc::not_found; Errc::conflict for an adapter of the file;
  // Errc::precondition_failed when `if_match` is given and does not name its present state; Errc::invalid for a member
  // that cannot be changed.
  Task<Result<model::Adapter>> update(model::AdapterSpec spec, std::string if_match);
  Task<Result<>> remove(std::string name, std::string if_match);

  // Ends when no change is under way.
  Task<> settled() { return changes_.settled(); }
  // Whether the store answers; asks it.
  Task<Result<>> check_store();

 private:
  Task<Result<model::Adapter>> store_new(model::Adapter adapter);
  Task<Result<model::Adapter>> store_update(model::AdapterSpec spec, std::optional<store::Version> expected);
  Task<Result<std::string>> store_removal(std::string name, std::optional<store::Version> expected);

  // The adapter of the API under that name, when `if_match` (unless empty) names its state.
  Result<const model::Adapter*> changeable(std::string_view name, std::string_view if_match) const;

  using Adapters = std::map<std::string, model::Adapter, std::less<>>;
  // What counts for `name` after a change of stored_ or file_.
  void refresh(const std::string& name);

  store::ResourceStore& store_;
  BlockingPool& blocking_;
  OnChange on_change_;
  Adapters stored_;
  Adapters file_;
  std::map<std::string, const model::Adapter*, std::less<>> adapters_;  // Into the two above.
  Completions changes_;
};

}  // namespace gw::control
