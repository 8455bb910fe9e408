#include "store/sqlite/sqlite_stores.h"

#include "store/sqlite/sqlite_key_store.h"
#include "store/sqlite/sqlite_pin_store.h"
#include "store/sqlite/sqlite_secret_store.h"
#include "store/sqlite/sqlite_session_store.h"
#include "store/sqlite/sqlite_store.h"

namespace gw::store {

Result<Stores> sqlite_stores(const std::filesystem::path& path) {
  GW_TRY(const FilePtr file, open_file(path));
  Stores stores;
  GW_TRY(stores.resources, SqliteStore::in(file));
  GW_TRY(stores.keys, SqliteKeyStore::in(file));
  GW_TRY(stores.secrets, SqliteSecretStore::in(file));
  GW_TRY(stores.pins, SqlitePinStore::in(file));
  GW_TRY(stores.sessions, SqliteSessionStore::in(file));
  return stores;
}

}  // namespace gw::store
