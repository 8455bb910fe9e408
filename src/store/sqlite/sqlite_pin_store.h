// Approvals of definitions in an SQLite file.
#pragma once

#include <memory>

#include "store/pin_store.h"
#include "store/sqlite/file.h"

namespace gw::store {

class SqlitePinStore final : public PinStore {
 public:
  static Result<std::unique_ptr<SqlitePinStore>> in(FilePtr file);

  Result<std::vector<Pin>> list_pins() override;
  Result<> add_approvals(const Pin& added) override;
  Result<> remove_pin(std::string_view adapter_uid) override;

 private:
  explicit SqlitePinStore(FilePtr file) : file_(std::move(file)) {}

  FilePtr file_;
  sqlite3_stmt* select_ = nullptr;
  sqlite3_stmt* insert_pin_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
  sqlite3_stmt* erase_pin_ = nullptr;
  sqlite3_stmt* erase_approvals_ = nullptr;
};

}  // namespace gw::store
