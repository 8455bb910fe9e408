#include "store/sqlite/sqlite_store.h"

#include <fmt/core.h>

#include "model/adapter_json.h"

namespace gw::store {
namespace {

constexpr const char* columns = "name, uid, revision, created_by, created_at, last_updated_at, spec";

Result<model::Adapter> adapter_of(const Query& row) {
  GW_TRY(auto spec, model::spec_of_stored_text(row.text(6)));
  return model::Adapter{.spec = std::move(spec),
                        .origin = model::Origin::api,
                        .uid = row.text(1),
                        .revision = static_cast<std::uint64_t>(row.number(2)),
                        .created_by = row.text(3),
                        .created_at = of_ms(row.number(4)),
                        .last_updated_at = of_ms(row.number(5))};
}

}  // namespace

struct SqliteStore::Impl {
  explicit Impl(FilePtr opened) : file(std::move(opened)), mutex(file->mutex), database(file->database) {}

  Result<> prepare() {
    GW_TRY(select_page,
           database.prepare(fmt::format("SELECT {} FROM adapters WHERE name > ? ORDER BY name LIMIT ?", columns)));
    GW_TRY(select_one, database.prepare(fmt::format("SELECT {} FROM adapters WHERE name = ?", columns)));
    GW_TRY(insert, database.prepare(fmt::format("INSERT INTO adapters ({}) VALUES (?, ?, ?, ?, ?, ?, ?)", columns)));
    GW_TRY(replace, database.prepare("UPDATE adapters SET revision = ?, last_updated_at = ?, spec = ? WHERE name = ?"));
    GW_TRY(erase, database.prepare("DELETE FROM adapters WHERE name = ?"));
    return {};
  }

  Result<model::Adapter> find(std::string_view name) {
    Query query(select_one);
    GW_TRY(const bool found, query.bind(name).step());
    if (!found) return not_found(name);
    return adapter_of(query);
  }

  // The adapter, when its state is `expected`.
  Result<model::Adapter> find(std::string_view name, const std::optional<Version>& expected) {
    GW_TRY(auto adapter, find(name));
    if (expected && *expected != version_of(adapter)) return changed_meanwhile(name);
    return adapter;
  }

  FilePtr file;
  std::mutex& mutex;
  Database& database;
  sqlite3_stmt* select_page = nullptr;
  sqlite3_stmt* select_one = nullptr;
  sqlite3_stmt* insert = nullptr;
  sqlite3_stmt* replace = nullptr;
  sqlite3_stmt* erase = nullptr;
};

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::in(FilePtr file) {
  auto impl = std::make_unique<Impl>(std::move(file));
  GW_TRY_OK(impl->prepare());
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(impl)));
}

Result<Page> SqliteStore::list(std::string_view after, std::size_t limit) {
  const std::lock_guard lock(impl_->mutex);
  Query query(impl_->select_page);
  query.bind(after).bind(static_cast<std::int64_t>(limit) + 1);
  Page page;
  while (true) {
    GW_TRY(const bool row, query.step());
    if (!row) return page;
    if (page.adapters.size() == limit) {
      page.more = true;
      return page;
    }
    GW_TRY(auto adapter, adapter_of(query));
    page.adapters.push_back(std::move(adapter));
  }
}

Result<model::Adapter> SqliteStore::get(std::string_view name) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->find(name);
}

Result<> SqliteStore::create(const model::Adapter& adapter) {
  const std::lock_guard lock(impl_->mutex);
  const std::string spec = model::stored_text(adapter.spec);
  Query query(impl_->insert);
  const auto inserted = query.bind(adapter.spec.name)
                            .bind(adapter.uid)
                            .bind(static_cast<std::int64_t>(adapter.revision))
                            .bind(adapter.created_by)
                            .bind(to_ms(adapter.created_at))
                            .bind(to_ms(adapter.last_updated_at))
                            .bind(spec)
                            .step();
  if (inserted) return {};
  if (impl_->database.last_failure_was_a_constraint()) return name_taken(adapter.spec.name);
  return std::unexpected(inserted.error());
}

Result<model::Adapter> SqliteStore::update(const model::AdapterSpec& spec, WallTime now,
                                           const std::optional<Version>& expected) {
  const std::lock_guard lock(impl_->mutex);
  GW_TRY(auto transaction, Transaction::begin(impl_->database));
  GW_TRY(auto adapter, impl_->find(spec.name, expected));
  adapter.spec = spec;
  adapter.last_updated_at = now;
  ++adapter.revision;
  const std::string text = model::stored_text(spec);
  {
    Query query(impl_->replace);
    query.bind(static_cast<std::int64_t>(adapter.revision)).bind(to_ms(now)).bind(text).bind(spec.name);
    GW_TRY_OK(query.step());
  }
  GW_TRY_OK(transaction.commit());
  return adapter;
}

Result<> SqliteStore::remove(std::string_view name, const std::optional<Version>& expected) {
  const std::lock_guard lock(impl_->mutex);
  GW_TRY(auto transaction, Transaction::begin(impl_->database));
  GW_TRY_OK(impl_->find(name, expected));
  {
    Query query(impl_->erase);
    GW_TRY_OK(query.bind(name).step());
  }
  return transaction.commit();
}

}  // namespace gw::store
