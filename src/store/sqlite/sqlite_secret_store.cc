#include "store/sqlite/sqlite_secret_store.h"

namespace gw::store {
namespace {

SealedSecret secret_of(const Query& row) {
  return {.name = row.text(0),
          .sealed = row.text(1),
          .created_at = of_ms(row.number(2)),
          .last_updated_at = of_ms(row.number(3))};
}

}  // namespace

Result<std::unique_ptr<SqliteSecretStore>> SqliteSecretStore::in(FilePtr file) {
  std::unique_ptr<SqliteSecretStore> store(new SqliteSecretStore(std::move(file)));
  Database& database = store->file_->database;
  GW_TRY(store->select_,
         database.prepare("SELECT name, sealed, created_at, last_updated_at FROM secrets ORDER BY name"));
  GW_TRY(store->put_, database.prepare("INSERT INTO secrets (name, sealed, created_at, last_updated_at) "
                                       "VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, "
                                       "last_updated_at = excluded.last_updated_at "
                                       "RETURNING name, sealed, created_at, last_updated_at"));
  GW_TRY(store->erase_, database.prepare("DELETE FROM secrets WHERE name = ?"));
  return store;
}

Result<std::vector<SealedSecret>> SqliteSecretStore::list_secrets() {
  const std::lock_guard lock(file_->mutex);
  Query query(select_);
  std::vector<SealedSecret> all;
  while (true) {
    GW_TRY(const bool row, query.step());
    if (!row) return all;
    all.push_back(secret_of(query));
  }
}

Result<SealedSecret> SqliteSecretStore::put_secret(std::string_view name, std::string_view sealed, WallTime now) {
  const std::lock_guard lock(file_->mutex);
  Query query(put_);
  GW_TRY_OK(query.bind(name).bind(sealed).bind(to_ms(now)).bind(to_ms(now)).step());
  SealedSecret stored = secret_of(query);
  GW_TRY_OK(query.step());  // The change is kept when the statement has ended.
  return stored;
}

Result<> SqliteSecretStore::remove_secret(std::string_view name) {
  const std::lock_guard lock(file_->mutex);
  Query query(erase_);
  GW_TRY_OK(query.bind(name).step());
  if (file_->database.changes() == 0) return no_such_secret(name);
  return {};
}

}  // namespace gw::store
