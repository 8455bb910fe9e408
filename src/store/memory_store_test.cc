#include "store/memory_store.h"

#include "store/contract_test.h"
#include "store/key_contract_test.h"
#include "store/memory_key_store.h"
#include "store/memory_pin_store.h"
#include "store/memory_secret_store.h"
#include "store/memory_session_store.h"
#include "store/pin_contract_test.h"
#include "store/secret_contract_test.h"
#include "store/session_contract_test.h"

namespace gw::store {
namespace {

std::unique_ptr<ResourceStore> make_memory_store() {
  return std::make_unique<MemoryStore>();
}
std::unique_ptr<KeyStore> make_memory_key_store() {
  return std::make_unique<MemoryKeyStore>();
}
std::unique_ptr<SecretStore> make_memory_secret_store() {
  return std::make_unique<MemorySecretStore>();
}
std::unique_ptr<PinStore> make_memory_pin_store() {
  return std::make_unique<MemoryPinStore>();
}
std::unique_ptr<SessionStore> make_memory_session_store() {
  return std::make_unique<MemorySessionStore>();
}

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(make_memory_store));
INSTANTIATE_TEST_SUITE_P(Memory, KeyStoreContract, ::testing::Values(make_memory_key_store));
INSTANTIATE_TEST_SUITE_P(Memory, SecretStoreContract, ::testing::Values(make_memory_secret_store));
INSTANTIATE_TEST_SUITE_P(Memory, PinStoreContract, ::testing::Values(make_memory_pin_store));
INSTANTIATE_TEST_SUITE_P(Memory, SessionStoreContract, ::testing::Values(make_memory_session_store));

}  // namespace
}  // namespace gw::store
