// All stores of a gateway together, which one file may hold.
#pragma once

#include <memory>

#include "store/key_store.h"
#include "store/pin_store.h"
#include "store/resource_store.h"
#include "store/secret_store.h"
#include "store/session_store.h"

namespace gw::store {

struct Stores {
  std::unique_ptr<ResourceStore> resources;
  std::unique_ptr<KeyStore> keys;
  std::unique_ptr<SecretStore> secrets;
  std::unique_ptr<PinStore> pins;
  std::unique_ptr<SessionStore> sessions;
};

// Stores that forget everything when the program ends.
Stores memory_stores();

}  // namespace gw::store
