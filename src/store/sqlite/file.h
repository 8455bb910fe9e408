// One SQLite file with everything that a gateway stores, readable by its owner only. Several gateways on one machine may
// share it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>

#include "runtime/time.h"
#include "store/sqlite/database.h"

namespace gw::store {

struct File {
  explicit File(Database opened) : database(std::move(opened)) {}

  std::mutex mutex;  // Held during every use of the database.
  Database database;
};
using FilePtr = std::shared_ptr<File>;

// Creates the file, or brings one of an older version up to date. Errc::unavailable when it cannot be opened or is
// damaged, Errc::unsupported when a newer version of this program has written it.
Result<FilePtr> open_file(const std::filesystem::path& path);

// Times are kept as milliseconds since 1970.
std::int64_t to_ms(WallTime time);
WallTime of_ms(std::int64_t ms);

}  // namespace gw::store
