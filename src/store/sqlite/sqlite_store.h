// Adapters in an SQLite file.
#pragma once

#include <memory>

#include "store/resource_store.h"
#include "store/sqlite/file.h"

namespace gw::store {

class SqliteStore final : public ResourceStore {
 public:
  static Result<std::unique_ptr<SqliteStore>> in(FilePtr file);
  ~SqliteStore() override;

  Result<Page> list(std::string_view after, std::size_t limit) override;
  Result<model::Adapter> get(std::string_view name) override;
  Result<> create(const model::Adapter& adapter) override;
  Result<model::Adapter> update(const model::AdapterSpec& spec, WallTime now,
                                const std::optional<Version>& expected) override;
  Result<> remove(std::string_view name, const std::optional<Version>& expected) override;

 private:
  struct Impl;
  explicit SqliteStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::store
