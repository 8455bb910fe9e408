// Sealed secrets in an SQLite file.
#pragma once

#include <memory>

#include "store/secret_store.h"
#include "store/sqlite/file.h"

namespace gw::store {

class SqliteSecretStore final : public SecretStore {
 public:
  static Result<std::unique_ptr<SqliteSecretStore>> in(FilePtr file);

  Result<std::vector<SealedSecret>> list_secrets() override;
  Result<SealedSecret> put_secret(std::string_view name, std::string_view sealed, WallTime now) override;
  Result<> remove_secret(std::string_view name) override;

 private:
  explicit SqliteSecretStore(FilePtr file) : file_(std::move(file)) {}

  FilePtr file_;
  sqlite3_stmt* select_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
  sqlite3_stmt* erase_ = nullptr;
};

}  // namespace gw::store
