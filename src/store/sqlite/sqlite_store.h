// The default store: one SQLite file, readable by its owner only. Several gateways on one machine may share it.
#pragma once

#include <filesystem>
#include <memory>

#include "store/resource_store.h"

namespace gw::store {

class SqliteStore final : public ResourceStore {
 public:
  // Creates the file, or brings one of an older version up to date. Errc::unavailable when it cannot be opened or is
  // damaged, Errc::unsupported when a newer version of this program has written it.
  static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& path);
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
