#include "store/sqlite/sqlite_key_store.h"

#include <boost/json.hpp>

#include "json/json.h"

namespace gw::store {
namespace {

std::string text_of(const std::vector<std::string>& roles) {
  boost::json::array list;
  for (const std::string& role : roles) list.emplace_back(role);
  return json::to_text(list);
}

Result<std::vector<std::string>> roles_of(const std::string& text) {
  const auto value = json::parse(text);
  const auto* const list = value ? value->if_array() : nullptr;
  if (list == nullptr) return fail(Errc::internal, "the roles of a stored API key cannot be read");
  std::vector<std::string> roles;
  for (const auto& role : *list) {
    if (!role.is_string()) return fail(Errc::internal, "the roles of a stored API key cannot be read");
    roles.emplace_back(role.get_string());
  }
  return roles;
}

Result<auth::ApiKey> key_of(const Query& row) {
  GW_TRY(auto roles, roles_of(row.text(3)));
  auth::ApiKey key;
  key.id = row.text(0);
  key.name = row.text(1);
  key.hash = row.text(2);
  key.roles = std::move(roles);
  key.created_by = row.text(4);
  key.created_at = of_ms(row.number(5));
  if (!row.is_null(6)) key.expires_at = of_ms(row.number(6));
  return key;
}

}  // namespace

Result<std::unique_ptr<SqliteKeyStore>> SqliteKeyStore::in(FilePtr file) {
  std::unique_ptr<SqliteKeyStore> store(new SqliteKeyStore(std::move(file)));
  Database& database = store->file_->database;
  GW_TRY(store->select_, database.prepare("SELECT id, name, hash, roles, created_by, created_at, expires_at FROM "
                                          "api_keys ORDER BY id"));
  GW_TRY(store->insert_, database.prepare("INSERT INTO api_keys (id, name, hash, roles, created_by, created_at, "
                                          "expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)"));
  GW_TRY(store->erase_, database.prepare("DELETE FROM api_keys WHERE id = ?"));
  return store;
}

Result<std::vector<auth::ApiKey>> SqliteKeyStore::list_keys() {
  const std::lock_guard lock(file_->mutex);
  Query query(select_);
  std::vector<auth::ApiKey> all;
  while (true) {
    GW_TRY(const bool row, query.step());
    if (!row) return all;
    GW_TRY(auto key, key_of(query));
    all.push_back(std::move(key));
  }
}

Result<> SqliteKeyStore::create_key(const auth::ApiKey& key) {
  const std::lock_guard lock(file_->mutex);
  const std::string roles = text_of(key.roles);
  Query query(insert_);
  query.bind(key.id).bind(key.name).bind(key.hash).bind(roles).bind(key.created_by).bind(to_ms(key.created_at));
  if (key.expires_at) query.bind(to_ms(*key.expires_at));
  const auto inserted = query.step();
  if (inserted) return {};
  if (file_->database.last_failure_was_a_constraint()) return key_taken(key.id);
  return std::unexpected(inserted.error());
}

Result<> SqliteKeyStore::remove_key(std::string_view id) {
  const std::lock_guard lock(file_->mutex);
  Query query(erase_);
  GW_TRY_OK(query.bind(id).step());
  if (file_->database.changes() == 0) return no_such_key(id);
  return {};
}

}  // namespace gw::store
