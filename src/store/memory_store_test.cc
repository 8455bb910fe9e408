#include "store/memory_store.h"

#include "store/contract_test.h"

namespace gw::store {
namespace {

std::unique_ptr<ResourceStore> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(make_memory_store));

}  // namespace
}  // namespace gw::store
