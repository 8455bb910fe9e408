#include "store/sqlite/file.h"

#include <array>

#include <fmt/core.h>

namespace gw::store {
namespace {

// "MCPG": tells our files from other people's databases.
constexpr std::int64_t application_id = 0x4D435047;

// Step n brings a file of version n to version n+1. Never edit a step that was released; add one.
constexpr std::array<const char*, 3> migrations{
    "CREATE TABLE adapters ("
    " name TEXT PRIMARY KEY,"
    " uid TEXT NOT NULL,"
    " revision INTEGER NOT NULL,"
    " created_by TEXT NOT NULL,"
    " created_at INTEGER NOT NULL,"       // Milliseconds since 1970.
    " last_updated_at INTEGER NOT NULL,"  // Likewise.
    " spec TEXT NOT NULL"                 // model::stored_text
    ") STRICT, WITHOUT ROWID",
    "CREATE TABLE api_keys ("
    " id TEXT PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " hash TEXT NOT NULL UNIQUE,"
    " roles TEXT NOT NULL,"  // A JSON list.
    " created_by TEXT NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " expires_at INTEGER"  // Null: never.
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE secrets ("
    " name TEXT PRIMARY KEY,"
    " sealed TEXT NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " last_updated_at INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID",
    "CREATE TABLE sessions ("
    " id TEXT PRIMARY KEY,"
    " text TEXT NOT NULL,"
    " changed_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX sessions_by_change ON sessions (changed_at, id);"
    "CREATE TABLE pins ("
    " adapter_uid TEXT PRIMARY KEY"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE approvals ("
    " adapter_uid TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " hash TEXT NOT NULL,"
    " definition TEXT NOT NULL,"  // Raw JSON.
    " approved_by TEXT NOT NULL,"
    " approved_at INTEGER NOT NULL,"
    " PRIMARY KEY (adapter_uid, kind, name)"
    ") STRICT"};
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

}  // namespace

std::int64_t to_ms(WallTime time) {
  return time.time_since_epoch().count();
}

WallTime of_ms(std::int64_t ms) {
  return WallTime(std::chrono::milliseconds(ms));
}

Result<FilePtr> open_file(const std::filesystem::path& path) {
  GW_TRY(auto database, Database::open(path));
  if (auto migrated = migrate(database); !migrated) {
    return std::unexpected(migrated.error().within(fmt::format("cannot use the store {}", path.string())));
  }
  return std::make_shared<File>(std::move(database));
}

}  // namespace gw::store
