#include "store/sqlite/sqlite_pin_store.h"

namespace gw::store {

Result<std::unique_ptr<SqlitePinStore>> SqlitePinStore::in(FilePtr file) {
  std::unique_ptr<SqlitePinStore> store(new SqlitePinStore(std::move(file)));
  Database& database = store->file_->database;
  GW_TRY(store->select_,
         database.prepare("SELECT pins.adapter_uid, kind, name, hash, definition, approved_by, approved_at FROM pins "
                          "LEFT JOIN approvals USING (adapter_uid) ORDER BY pins.adapter_uid, kind, name"));
  GW_TRY(store->insert_pin_, database.prepare("INSERT OR IGNORE INTO pins (adapter_uid) VALUES (?)"));
  GW_TRY(store->put_, database.prepare("INSERT OR REPLACE INTO approvals (adapter_uid, kind, name, hash, definition, "
                                       "approved_by, approved_at) VALUES (?, ?, ?, ?, ?, ?, ?)"));
  GW_TRY(store->erase_pin_, database.prepare("DELETE FROM pins WHERE adapter_uid = ?"));
  GW_TRY(store->erase_approvals_, database.prepare("DELETE FROM approvals WHERE adapter_uid = ?"));
  return store;
}

Result<std::vector<Pin>> SqlitePinStore::list_pins() {
  const std::lock_guard lock(file_->mutex);
  Query query(select_);
  std::vector<Pin> all;
  while (true) {
    GW_TRY(const bool row, query.step());
    if (!row) return all;
    const std::string uid = query.text(0);
    if (all.empty() || all.back().adapter_uid != uid) all.push_back({.adapter_uid = uid, .approvals = {}});
    if (query.is_null(1)) continue;
    all.back().approvals.push_back({.kind = query.text(1),
                                    .name = query.text(2),
                                    .hash = query.text(3),
                                    .definition = query.text(4),
                                    .approved_by = query.text(5),
                                    .approved_at = of_ms(query.number(6))});
  }
}

Result<> SqlitePinStore::add_approvals(const Pin& added) {
  const std::lock_guard lock(file_->mutex);
  GW_TRY(auto transaction, Transaction::begin(file_->database));
  GW_TRY_OK(Query(insert_pin_).bind(added.adapter_uid).step());
  for (const Approval& approval : added.approvals) {
    Query query(put_);
    query.bind(added.adapter_uid).bind(approval.kind).bind(approval.name).bind(approval.hash);
    query.bind(approval.definition).bind(approval.approved_by).bind(to_ms(approval.approved_at));
    GW_TRY_OK(query.step());
  }
  return transaction.commit();
}

Result<> SqlitePinStore::remove_pin(std::string_view adapter_uid) {
  const std::lock_guard lock(file_->mutex);
  GW_TRY(auto transaction, Transaction::begin(file_->database));
  GW_TRY_OK(Query(erase_approvals_).bind(adapter_uid).step());
  GW_TRY_OK(Query(erase_pin_).bind(adapter_uid).step());
  return transaction.commit();
}

}  // namespace gw::store
