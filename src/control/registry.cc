#include "control/registry.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/log.h"
#include "control/stable_hash.h"
#include "model/adapter_document.h"
#include "model/etag.h"
#include "runtime/random.h"

namespace gw::control {
namespace {

constexpr std::size_t load_page = 1000;
constexpr std::size_t uid_bytes = 8;
constexpr std::string_view no_runtime =
    "container images cannot be run because no container runtime is configured; use 'url' or 'command' instead";

std::uint64_t revision_at(WallTime time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

model::Adapter new_file_adapter(model::AdapterSpec spec, std::uint32_t position) {
  model::Adapter adapter;
  adapter.origin = model::Origin::file;
  adapter.position = position;
  adapter.uid = "file-" + stable_hash(spec.name);  // The same after a restart, so that sessions go on.
  adapter.created_by = "configuration";
  adapter.created_at = adapter.last_updated_at = wall_now();
  adapter.revision = revision_at(adapter.created_at);
  adapter.spec = std::move(spec);
  return adapter;
}

// The revision of an adapter of the file is a time, so that tags of an earlier run of the gateway mean nothing now.
void replace_spec(model::Adapter& adapter, model::AdapterSpec spec) {
  adapter.spec = std::move(spec);
  adapter.last_updated_at = wall_now();
  adapter.revision = std::max(adapter.revision + 1, revision_at(adapter.last_updated_at));
}

std::unexpected<Error> read_only(const model::AdapterSpec& spec) {
  return fail(Errc::conflict,
              "{} '{}' comes from the configuration file and can only be changed there: edit the file, and the gateway "
              "follows",
              model::noun_of(spec), spec.name);
}

}  // namespace

Registry::Registry(store::ResourceStore& store, BlockingPool& blocking, OnChange on_change)
    : store_(store), blocking_(blocking), on_change_(std::move(on_change)) {}

Task<Result<>> Registry::load() {
  auto loaded = co_await blocking_.run([&store = store_]() -> Result<std::vector<model::Adapter>> {
    std::vector<model::Adapter> all;
    while (true) {
      GW_TRY(store::Page page, store.list(all.empty() ? "" : all.back().spec.name, load_page));
      std::ranges::move(page.adapters, std::back_inserter(all));
      if (!page.more) return all;
    }
  });
  if (!loaded) co_return std::unexpected(loaded.error());
  for (model::Adapter& adapter : *loaded) {
    const std::string name = adapter.spec.name;
    stored_.insert_or_assign(name, std::move(adapter));
    refresh(name);
  }
  co_return Result<>();
}

std::expected<FileChange, std::vector<schema::Problem>> Registry::apply_file(std::vector<model::AdapterSpec> specs) {
  std::vector<schema::Problem> problems;
  std::size_t servers = 0;
  std::size_t tools = 0;
  for (const model::AdapterSpec& spec : specs) {
    const std::string place = spec.tool ? fmt::format("tools[{}]", tools++) : fmt::format("servers[{}]", servers++);
    if (spec.image) problems.push_back({place + ".imageName", std::string(no_runtime), {}});
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));

  FileChange change;
  std::vector<std::string> moved;
  Adapters next;
  for (std::uint32_t position = 0; position < specs.size(); ++position) {
    model::AdapterSpec& spec = specs[position];
    const std::string name = spec.name;
    auto present = file_.extract(name);
    if (present.empty()) {
      next.emplace(name, new_file_adapter(std::move(spec), position));
      change.added.push_back(name);
      continue;
    }
    model::Adapter& adapter = present.mapped();
    const bool has_moved = std::exchange(adapter.position, position) != position;
    if (adapter.spec != spec) {
      replace_spec(adapter, std::move(spec));
      change.changed.push_back(name);
    } else if (has_moved) {
      moved.push_back(name);
    }
    next.insert(std::move(present));
  }
  for (const auto& [name, adapter] : file_) change.removed.push_back(name);
  std::vector<std::string> touched;
  for (auto* names : {&change.added, &change.changed, &change.removed, &moved}) {
    std::ranges::sort(*names);
    touched.insert(touched.end(), names->begin(), names->end());
  }
  file_ = std::move(next);
  for (const std::string& name : touched) refresh(name);
  if (!touched.empty()) on_change_(touched);
  return change;
}

void Registry::refresh(const std::string& name) {
  const Adapters& source = file_.contains(name) ? file_ : stored_;
  const auto found = source.find(name);
  if (found == source.end()) {
    adapters_.erase(name);
  } else {
    adapters_[name] = &found->second;
  }
}

const model::Adapter* Registry::find(std::string_view name) const {
  const auto found = adapters_.find(name);
  return found == adapters_.end() ? nullptr : found->second;
}

std::vector<const model::Adapter*> Registry::list(std::string_view after, std::size_t limit,
                                                  const Filter& wanted) const {
  std::vector<const model::Adapter*> page;
  for (auto it = adapters_.upper_bound(after); it != adapters_.end() && page.size() < limit; ++it) {
    if (!wanted || wanted(*it->second)) page.push_back(it->second);
  }
  return page;
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> names;
  for (const auto& [name, adapter] : adapters_) names.push_back(name);
  return names;
}

std::vector<std::string> Registry::shadowed(const Filter& wanted) const {
  std::vector<std::string> names;
  for (const auto& [name, adapter] : stored_) {
    if (file_.contains(name) && (!wanted || wanted(adapter))) names.push_back(name);
  }
  return names;
}

std::set<std::string, std::less<>> Registry::pinned() const {
  std::set<std::string, std::less<>> uids;
  for (const Adapters* adapters : {&stored_, &file_}) {
    for (const auto& [name, adapter] : *adapters) {
      if (adapter.spec.pinned) uids.insert(adapter.uid);
    }
  }
  return uids;
}

Result<const model::Adapter*> Registry::changeable(std::string_view name, std::string_view if_match) const {
  const model::Adapter* adapter = find(name);
  if (adapter == nullptr) return store::not_found(name);
  if (adapter->origin == model::Origin::file) return read_only(adapter->spec);
  if (!if_match.empty() && !model::matches(if_match, *adapter)) {
    return store::changed_meanwhile(name, model::noun_of(adapter->spec));
  }
  return adapter;
}

Task<Result<model::Adapter>> Registry::create(model::AdapterSpec spec, std::string created_by) {
  if (spec.image) co_return std::unexpected(Error(Errc::unsupported, std::string(no_runtime), "imageName"));
  if (const auto* holder = find(spec.name)) co_return store::name_taken(spec.name, model::noun_of(holder->spec));
  model::Adapter adapter;
  adapter.uid = random_hex(uid_bytes);
  adapter.created_by = std::move(created_by);
  adapter.created_at = adapter.last_updated_at = wall_now();
  adapter.spec = std::move(spec);
  co_return co_await changes_.run("registry.change", store_new(std::move(adapter)));
}

Task<Result<model::Adapter>> Registry::store_new(model::Adapter adapter) {
  const std::string name = adapter.spec.name;
  const auto created = co_await blocking_.run([&store = store_, adapter] { return store.create(adapter); });
  const model::Adapter* const holder = find(name);  // Of the name, where somebody was faster.
  if (!created && created.error().code() == Errc::conflict && holder != nullptr) {
    co_return store::name_taken(name, model::noun_of(holder->spec));
  }
  if (!created) co_return std::unexpected(created.error());
  stored_.insert_or_assign(name, adapter);
  refresh(name);
  log::info("adapter.created", {{"adapter", name}, {"by", adapter.created_by}});
  on_change_({name});
  co_return adapter;
}

Task<Result<model::Adapter>> Registry::update(model::AdapterSpec spec, std::string if_match) {
  GW_CO_TRY(const model::Adapter* present, changeable(spec.name, if_match));
  if (spec.image) co_return std::unexpected(Error(Errc::unsupported, std::string(no_runtime), "imageName"));
  if (spec.use_workload_identity != present->spec.use_workload_identity) {
    co_return std::unexpected(Error(Errc::invalid,
                                    "useWorkloadIdentity cannot be changed after creation; delete the resource and "
                                    "create it again",
                                    "useWorkloadIdentity"));
  }
  std::optional<store::Version> expected;
  if (!if_match.empty()) expected = store::version_of(*present);
  co_return co_await changes_.run("registry.change", store_update(std::move(spec), std::move(expected)));
}

Task<Result<model::Adapter>> Registry::store_update(model::AdapterSpec spec, std::optional<store::Version> expected) {
  GW_CO_TRY(const model::Adapter updated, co_await blocking_.run([&store = store_, spec, expected, now = wall_now()] {
    return store.update(spec, now, expected);
  }));
  stored_.insert_or_assign(spec.name, updated);
  refresh(spec.name);
  log::info("adapter.updated", {{"adapter", spec.name}, {"revision", updated.revision}});
  on_change_({spec.name});
  co_return updated;
}

Task<Result<>> Registry::remove(std::string name, std::string if_match) {
  GW_CO_TRY(const model::Adapter* present, changeable(name, if_match));
  std::optional<store::Version> expected;
  if (!if_match.empty()) expected = store::version_of(*present);
  const auto removed = co_await changes_.run("registry.change", store_removal(std::move(name), std::move(expected)));
  if (!removed) co_return std::unexpected(removed.error());
  co_return Result<>();
}

Task<Result<std::string>> Registry::store_removal(std::string name, std::optional<store::Version> expected) {
  GW_CO_TRY_OK(co_await blocking_.run([&store = store_, name, expected] { return store.remove(name, expected); }));
  adapters_.erase(name);
  stored_.erase(name);
  refresh(name);
  log::info("adapter.removed", {{"adapter", name}});
  on_change_({name});
  co_return name;
}

Task<Result<>> Registry::check_store() {
  const auto asked = co_await blocking_.run([&store = store_] { return store.list("", 1); });
  if (!asked) co_return std::unexpected(asked.error());
  co_return Result<>();
}

}  // namespace gw::control
