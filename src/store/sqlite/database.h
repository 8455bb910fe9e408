// A thin owner of an SQLite connection and its statements.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gw::store {

// A prepared statement in use: bind in order, then step. Resets itself when destroyed, so it can be prepared once and
// used often. An error is kept and returned by the next step, which lets binding read as one expression.
class Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // `text` must stay until the query ends. What is never bound is null.
  Query& bind(std::string_view text);
  Query& bind(std::int64_t number);

  // True while there is a row. Errc::unavailable with SQLite's reason.
  Result<bool> step();

  std::string text(int column) const;
  std::int64_t number(int column) const;
  bool is_null(int column) const;

 private:
  sqlite3_stmt* statement_;
  int next_ = 1;
  int problem_ = 0;
};

// One connection in WAL mode. For one thread at a time.
class Database {
 public:
  // Creates the file with mode 0600 when it is absent; its folder must exist. Errc::unavailable with the path and the
  // reason: no access, no database, damaged.
  static Result<Database> open(const std::filesystem::path& path);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  Result<> execute(const std::string& sql);
  Result<std::int64_t> number_of(const std::string& sql);  // The first column of the only row.
  Result<sqlite3_stmt*> prepare(std::string_view sql);     // Owned by the database.
  int changes() const;                                     // Rows that the last statement changed.
  bool last_failure_was_a_constraint() const;

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// BEGIN IMMEDIATE, rolled back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  ~Transaction();
  Result<> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace gw::store
