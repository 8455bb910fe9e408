#include "store/memory_store.h"

namespace gw::store {

std::unexpected<Error> not_found(std::string_view name, std::string_view noun) {
  return fail(Errc::not_found, "there is no {0} named '{1}'; GET /{0}s lists those that there are", noun, name);
}

std::unexpected<Error> name_taken(std::string_view name, std::string_view by) {
  if (by.empty()) return fail(Errc::conflict, "the name '{}' is taken; choose another one", name);
  return fail(Errc::conflict,
              "the name '{}' is taken by {} {}; adapters and tools share their names: choose another one", name,
              by == "adapter" ? "an" : "a", by);
}

std::unexpected<Error> changed_meanwhile(std::string_view name, std::string_view noun) {
  return fail(Errc::precondition_failed, "{} '{}' has changed since you read it; read it again and repeat the change",
              noun, name);
}

Result<Page> MemoryStore::list(std::string_view after, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  Page page;
  for (auto it = adapters_.upper_bound(after); it != adapters_.end(); ++it) {
    if (page.adapters.size() == limit) {
      page.more = true;
      break;
    }
    page.adapters.push_back(it->second);
  }
  return page;
}

Result<model::Adapter> MemoryStore::get(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = adapters_.find(name);
  if (found == adapters_.end()) return not_found(name);
  return found->second;
}

Result<> MemoryStore::create(const model::Adapter& adapter) {
  const std::lock_guard lock(mutex_);
  if (!adapters_.try_emplace(adapter.spec.name, adapter).second) return name_taken(adapter.spec.name);
  return {};
}

Result<model::Adapter> MemoryStore::update(const model::AdapterSpec& spec, WallTime now,
                                           const std::optional<Version>& expected) {
  const std::lock_guard lock(mutex_);
  const auto found = adapters_.find(spec.name);
  if (found == adapters_.end()) return not_found(spec.name);
  model::Adapter& adapter = found->second;
  if (expected && *expected != version_of(adapter)) return changed_meanwhile(spec.name);
  adapter.spec = spec;
  adapter.last_updated_at = now;
  ++adapter.revision;
  return adapter;
}

Result<> MemoryStore::remove(std::string_view name, const std::optional<Version>& expected) {
  const std::lock_guard lock(mutex_);
  const auto found = adapters_.find(name);
  if (found == adapters_.end()) return not_found(name);
  if (expected && *expected != version_of(found->second)) return changed_meanwhile(name);
  adapters_.erase(found);
  return {};
}

}  // namespace gw::store
