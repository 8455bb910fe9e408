#include "store/stores.h"

#include "store/memory_key_store.h"
#include "store/memory_secret_store.h"
#include "store/memory_store.h"

namespace gw::store {

Stores memory_stores() {
  return {.resources = std::make_unique<MemoryStore>(),
          .keys = std::make_unique<MemoryKeyStore>(),
          .secrets = std::make_unique<MemorySecretStore>()};
}

}  // namespace gw::store
