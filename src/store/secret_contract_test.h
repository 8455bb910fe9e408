// What every store of secrets must do; see contract_test.h for how it is used.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "store/secret_store.h"

namespace gw::store {

using MakeSecretStore = std::unique_ptr<SecretStore> (*)();

class SecretStoreContract : public ::testing::TestWithParam<MakeSecretStore> {
 protected:
  std::unique_ptr<SecretStore> store_ = GetParam()();
  const WallTime now_{std::chrono::milliseconds(1'787'304'600'125)};
  const WallTime later_{std::chrono::milliseconds(1'787'304'700'000)};
};

TEST_P(SecretStoreContract, WhatIsPutIsListedByName) {
  const SealedSecret second{.name = "b", .sealed = "two", .created_at = now_, .last_updated_at = now_};
  const SealedSecret first{.name = "a'; --", .sealed = "one", .created_at = now_, .last_updated_at = now_};
  EXPECT_EQ(store_->put_secret("b", "two", now_), second);
  EXPECT_EQ(store_->put_secret("a'; --", "one", now_), first);
  EXPECT_EQ(store_->list_secrets(), (std::vector{first, second}));
}

TEST_P(SecretStoreContract, PuttingAgainReplacesTheValueAndKeepsTheBeginning) {
  ASSERT_TRUE(store_->put_secret("a", "one", now_));
  const SealedSecret replaced{.name = "a", .sealed = "two", .created_at = now_, .last_updated_at = later_};
  EXPECT_EQ(store_->put_secret("a", "two", later_), replaced);
  EXPECT_EQ(store_->list_secrets(), std::vector{replaced});
}

TEST_P(SecretStoreContract, WhatIsRemovedIsGone) {
  ASSERT_TRUE(store_->put_secret("a", "one", now_));
  ASSERT_TRUE(store_->remove_secret("a"));
  EXPECT_TRUE(store_->list_secrets()->empty());
  EXPECT_EQ(store_->remove_secret("a").error().code(), Errc::not_found);
}

}  // namespace gw::store
