#include "store/sqlite/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace gw::store {
namespace {

constexpr int busy_timeout_ms = 5000;

std::unexpected<Error> failure(sqlite3* database) {
  const char* path = sqlite3_db_filename(database, "main");
  const int code = sqlite3_errcode(database);
  const char* remedy =
      code == SQLITE_CORRUPT || code == SQLITE_NOTADB
          ? "; the file is damaged or no database: restore it from a backup, or move it away to start empty"
      : code == SQLITE_FULL ? "; free some space"
                            : "";
  return fail(Errc::unavailable, "the store {} failed: {}{}", path ? path : "", sqlite3_errmsg(database), remedy);
}

// SQLite would create the file with the umask's mode; its WAL files take their mode from it.
Result<> create_private(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const bool done = fd >= 0 && ::fchmod(fd, 0600) == 0;
  const int problem = errno;
  if (fd >= 0) ::close(fd);
  if (done) return {};
  return fail(Errc::unavailable, "cannot open the store {}: {}", path.string(), std::strerror(problem));
}

}  // namespace

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query& Query::bind(std::string_view text) {
  const int code = sqlite3_bind_text64(statement_, next_++, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                                       SQLITE_UTF8);
  if (code != SQLITE_OK) problem_ = code;
  return *this;
}

Query& Query::bind(std::int64_t number) {
  const int code = sqlite3_bind_int64(statement_, next_++, number);
  if (code != SQLITE_OK) problem_ = code;
  return *this;
}

Result<bool> Query::step() {
  const int code = problem_ ? problem_ : sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(sqlite3_db_handle(statement_));
}

std::string Query::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_, column);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::number(int column) const {
  return sqlite3_column_int64(statement_, column);
}

struct Database::Impl {
  sqlite3* handle = nullptr;
  std::vector<sqlite3_stmt*> statements;

  ~Impl() {
    for (auto* statement : statements) sqlite3_finalize(statement);
    sqlite3_close(handle);
  }
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::filesystem::path& path) {
  GW_TRY_OK(create_private(path));
  auto impl = std::make_unique<Impl>();
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &impl->handle, flags, nullptr) != SQLITE_OK) {
    return fail(Errc::unavailable, "cannot open the store {}: {}", path.string(), sqlite3_errmsg(impl->handle));
  }
  sqlite3_busy_timeout(impl->handle, busy_timeout_ms);
  Database database(std::move(impl));
  GW_TRY_OK(database.execute("PRAGMA journal_mode = WAL"));
  GW_TRY_OK(database.execute("PRAGMA synchronous = FULL"));
  GW_TRY_OK(database.execute("PRAGMA trusted_schema = OFF"));
  return database;
}

Result<> Database::execute(const std::string& sql) {
  if (sqlite3_exec(impl_->handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure(impl_->handle);
  return {};
}

Result<std::int64_t> Database::number_of(const std::string& sql) {
  GW_TRY(auto* const statement, prepare(sql));
  Query query(statement);
  GW_TRY_OK(query.step());
  return query.number(0);
}

Result<sqlite3_stmt*> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(impl_->handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                         nullptr) != SQLITE_OK) {
    return failure(impl_->handle);
  }
  impl_->statements.push_back(statement);
  return statement;
}

int Database::changes() const {
  return sqlite3_changes(impl_->handle);
}

bool Database::last_failure_was_a_constraint() const {
  return sqlite3_errcode(impl_->handle) == SQLITE_CONSTRAINT;
}

Result<Transaction> Transaction::begin(Database& database) {
  GW_TRY_OK(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_) (void)database_->execute("ROLLBACK");
}

Result<> Transaction::commit() {
  GW_TRY_OK(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace gw::store
