// API keys in an SQLite file.
#pragma once

#include <memory>

#include "store/key_store.h"
#include "store/sqlite/file.h"

namespace gw::store {

class SqliteKeyStore final : public KeyStore {
 public:
  static Result<std::unique_ptr<SqliteKeyStore>> in(FilePtr file);

  Result<std::vector<auth::ApiKey>> list_keys() override;
  Result<> create_key(const auth::ApiKey& key) override;
  Result<> remove_key(std::string_view id) override;

 private:
  explicit SqliteKeyStore(FilePtr file) : file_(std::move(file)) {}

  FilePtr file_;
  sqlite3_stmt* select_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* erase_ = nullptr;
};

}  // namespace gw::store
