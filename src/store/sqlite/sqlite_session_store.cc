#include "store/sqlite/sqlite_session_store.h"

namespace gw::store {

Result<std::unique_ptr<SqliteSessionStore>> SqliteSessionStore::in(FilePtr file) {
  std::unique_ptr<SqliteSessionStore> store(new SqliteSessionStore(std::move(file)));
  Database& database = store->file_->database;
  GW_TRY(store->select_, database.prepare("SELECT id, text, changed_at, expires_at FROM sessions WHERE expires_at > ? "
                                          "ORDER BY changed_at, id"));
  GW_TRY(store->put_, database.prepare("INSERT OR REPLACE INTO sessions (id, text, changed_at, expires_at) "
                                       "VALUES (?, ?, ?, ?)"));
  GW_TRY(store->erase_, database.prepare("DELETE FROM sessions WHERE id = ?"));
  GW_TRY(store->erase_expired_, database.prepare("DELETE FROM sessions WHERE expires_at <= ?"));
  GW_TRY(store->erase_oldest_,
         database.prepare("DELETE FROM sessions WHERE id IN "
                          "(SELECT id FROM sessions ORDER BY changed_at DESC, id DESC LIMIT -1 OFFSET ?)"));
  return store;
}

Result<std::vector<StoredSession>> SqliteSessionStore::list_sessions(WallTime now) {
  const std::lock_guard lock(file_->mutex);
  Query query(select_);
  query.bind(to_ms(now));
  std::vector<StoredSession> all;
  while (true) {
    GW_TRY(const bool row, query.step());
    if (!row) return all;
    all.push_back({.id = query.text(0),
                   .text = query.text(1),
                   .changed_at = of_ms(query.number(2)),
                   .expires_at = of_ms(query.number(3))});
  }
}

Result<> SqliteSessionStore::write_sessions(const std::vector<StoredSession>& changed,
                                            const std::vector<std::string>& gone) {
  const std::lock_guard lock(file_->mutex);
  GW_TRY(auto transaction, Transaction::begin(file_->database));
  for (const StoredSession& session : changed) {
    Query query(put_);
    query.bind(session.id).bind(session.text).bind(to_ms(session.changed_at)).bind(to_ms(session.expires_at));
    GW_TRY_OK(query.step());
  }
  for (const std::string& id : gone) {
    GW_TRY_OK(Query(erase_).bind(id).step());
  }
  return transaction.commit();
}

Result<std::size_t> SqliteSessionStore::prune_sessions(WallTime now, std::size_t most) {
  const std::lock_guard lock(file_->mutex);
  GW_TRY(auto transaction, Transaction::begin(file_->database));
  GW_TRY_OK(Query(erase_expired_).bind(to_ms(now)).step());
  int removed = file_->database.changes();
  GW_TRY_OK(Query(erase_oldest_).bind(static_cast<std::int64_t>(most)).step());
  removed += file_->database.changes();
  GW_TRY_OK(transaction.commit());
  return static_cast<std::size_t>(removed);
}

}  // namespace gw::store
