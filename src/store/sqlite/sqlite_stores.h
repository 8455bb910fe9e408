// The default stores: all in one SQLite file.
#pragma once

#include <filesystem>

#include "store/stores.h"

namespace gw::store {

// Errors: those of open_file (store/sqlite/file.h).
Result<Stores> sqlite_stores(const std::filesystem::path& path);

}  // namespace gw::store
