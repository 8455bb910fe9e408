#include "store/sqlite/sqlite_store.h"

#include <array>
#include <mutex>

#include <fmt/core.h>

#include "model/adapter_json.h"
#include "store/sqlite/database.h"

namespace gw::store {
namespace {

// "MCPG": tells our files from other people's databases.
constexpr std::int64_t application_id = 0x4D435047;

// Step n brings a file of version n to version n+1. Never edit a step that was released; add one.
constexpr std::array<const char*, 1> migrations{
    "CREATE TABLE adapters ("
    " name TEXT PRIMARY KEY,"
    " uid TEXT NOT NULL,"
    " revision INTEGER NOT NULL,"
    " created_by TEXT NOT NULL,"
    " created_at INTEGER NOT NULL,"       // Milliseconds since 1970.
    " last_updated_at INTEGER NOT NULL,"  // Likewise.
    " spec TEXT NOT NULL"                 // model::stored_text
    ") STRICT, WITHOUT ROWID"};
constexpr auto newest_version = static_cast<std::int64_t>(migrations.size());

Result<> check_ownership(Database& database, std::int64_t version) {
  GW_TRY(const auto id, database.number_of("PRAGMA application_id"));
  GW_TRY(const auto tables, database.number_of("SELECT count(*) FROM sqlite_schema"));
  const bool ours = id == application_id || (version == 0 && tables == 0);
  if (!ours)
    return fail(Errc::unavailable, "the file is a database of another program; name another file in store.path");
  if (version > newest_version) {
    return fail(Errc::unsupported,
                "it was written by a newer mcp-gateway (schema {}, this one knows up to {}); use that version, or name "
                "another file in store.path",
                version, newest_version);
  }
  return {};
}

Result<> migrate(Database& database) {
  GW_TRY(auto transaction, Transaction::begin(database));
  GW_TRY(const auto version, database.number_of("PRAGMA user_version"));
  GW_TRY_OK(check_ownership(database, version));
  for (auto step = version; step < newest_version; ++step) {
    GW_TRY_OK(database.execute(migrations[static_cast<std::size_t>(step)]));
  }
  GW_TRY_OK(database.execute(fmt::format("PRAGMA application_id = {}", application_id)));
  GW_TRY_OK(database.execute(fmt::format("PRAGMA user_version = {}", newest_version)));
  return transaction.commit();
}

std::int64_t to_ms(WallTime time) {
  return time.time_since_epoch().count();
}
WallTime of_ms(std::int64_t ms) {
  return WallTime(std::chrono::milliseconds(ms));
}

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
  explicit Impl(Database opened) : database(std::move(opened)) {}

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

  std::mutex mutex;
  Database database;
  sqlite3_stmt* select_page = nullptr;
  sqlite3_stmt* select_one = nullptr;
  sqlite3_stmt* insert = nullptr;
  sqlite3_stmt* replace = nullptr;
  sqlite3_stmt* erase = nullptr;
};

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& path) {
  GW_TRY(auto database, Database::open(path));
  if (auto migrated = migrate(database); !migrated) {
    return std::unexpected(migrated.error().within(fmt::format("cannot use the store {}", path.string())));
  }
  auto impl = std::make_unique<Impl>(std::move(database));
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
