#include "store/memory_store.h"

#include "store/contract_test.h"
#include "store/key_contract_test.h"
#include "store/memory_key_store.h"
#include "store/memory_secret_store.h"
#include "store/secret_contract_test.h"

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

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(make_memory_store));
INSTANTIATE_TEST_SUITE_P(Memory, KeyStoreContract, ::testing::Values(make_memory_key_store));
INSTANTIATE_TEST_SUITE_P(Memory, SecretStoreContract, ::testing::Values(make_memory_secret_store));

}  // namespace
}  // namespace gw::store
