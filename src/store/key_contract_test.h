// What every store of API keys must do; see contract_test.h for how it is used.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "store/key_store.h"

namespace gw::store {

using MakeKeyStore = std::unique_ptr<KeyStore> (*)();

inline auth::ApiKey example_key(std::string id) {
  auth::ApiKey key;
  key.id = std::move(id);
  key.name = "ümlaut 'quoted'; DROP TABLE api_keys";
  key.hash = "hash of " + key.id;
  key.roles = {"mcp.engineer", "with, comma", "\"quoted\""};
  key.created_by = "ann";
  key.created_at = WallTime(std::chrono::milliseconds(1'787'304'600'125));
  key.expires_at = WallTime(std::chrono::milliseconds(1'887'304'600'125));
  return key;
}

class KeyStoreContract : public ::testing::TestWithParam<MakeKeyStore> {
 protected:
  std::unique_ptr<KeyStore> store_ = GetParam()();
};

TEST_P(KeyStoreContract, WhatIsCreatedIsListedUnchangedAndById) {
  const auto first = example_key("aaa");
  auto second = example_key("bbb");
  second.expires_at.reset();
  second.roles.clear();
  ASSERT_TRUE(store_->create_key(second));
  ASSERT_TRUE(store_->create_key(first));
  EXPECT_EQ(store_->list_keys(), (std::vector{first, second}));
}

TEST_P(KeyStoreContract, ATakenIdOrHashIsAConflictAndChangesNothing) {
  const auto key = example_key("aaa");
  ASSERT_TRUE(store_->create_key(key));
  auto same_id = example_key("aaa");
  same_id.hash = "another";
  EXPECT_EQ(store_->create_key(same_id).error().code(), Errc::conflict);
  auto same_hash = example_key("bbb");
  same_hash.hash = key.hash;
  EXPECT_EQ(store_->create_key(same_hash).error().code(), Errc::conflict);
  EXPECT_EQ(store_->list_keys(), std::vector{key});
}

TEST_P(KeyStoreContract, WhatIsRemovedIsGone) {
  ASSERT_TRUE(store_->create_key(example_key("aaa")));
  ASSERT_TRUE(store_->create_key(example_key("bbb")));
  ASSERT_TRUE(store_->remove_key("aaa"));
  EXPECT_EQ(store_->list_keys(), std::vector{example_key("bbb")});
  EXPECT_EQ(store_->remove_key("aaa").error().code(), Errc::not_found);
}

}  // namespace gw::store
