// A store that forgets everything when the program ends.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "store/resource_store.h"

namespace gw::store {

class MemoryStore final : public ResourceStore {
 public:
  Result<Page> list(std::string_view after, std::size_t limit) override;
  Result<model::Adapter> get(std::string_view name) override;
  Result<> create(const model::Adapter& adapter) override;
  Result<model::Adapter> update(const model::AdapterSpec& spec, WallTime now,
                                const std::optional<Version>& expected) override;
  Result<> remove(std::string_view name, const std::optional<Version>& expected) override;

 private:
  std::mutex mutex_;
  std::map<std::string, model::Adapter, std::less<>> adapters_;
};

}  // namespace gw::store
