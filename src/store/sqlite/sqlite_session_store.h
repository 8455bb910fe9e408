// What sessions said, in an SQLite file.
#pragma once

#include <memory>

#include "store/session_store.h"
#include "store/sqlite/file.h"

namespace gw::store {

class SqliteSessionStore final : public SessionStore {
 public:
  static Result<std::unique_ptr<SqliteSessionStore>> in(FilePtr file);

  Result<std::vector<StoredSession>> list_sessions(WallTime now) override;
  Result<> write_sessions(const std::vector<StoredSession>& changed, const std::vector<std::string>& gone) override;
  Result<std::size_t> prune_sessions(WallTime now, std::size_t most) override;

 private:
  explicit SqliteSessionStore(FilePtr file) : file_(std::move(file)) {}

  FilePtr file_;
  sqlite3_stmt* select_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
  sqlite3_stmt* erase_ = nullptr;
  sqlite3_stmt* erase_expired_ = nullptr;
  sqlite3_stmt* erase_oldest_ = nullptr;
};

}  // namespace gw::store
