#include "store/stores.h"

#include "store/memory_key_store.h"
#include "store/memory_pin_store.h"
#include "store/memory_secret_store.h"
#include "store/memory_session_store.h"
#include "store/memory_store.h"

namespace gw::store {

Stores memory_stores() {
  return {.resources = std::make_unique<MemoryStore>(),
          .keys = std::make_unique<MemoryKeyStore>(),
          .secrets = std::make_unique<MemorySecretStore>(),
          .pins = std::make_unique<MemoryPinStore>(),
          .sessions = std::make_unique<MemorySessionStore>()};
}

}  // namespace gw::store
