// What every store of sessions must do; see contract_test.h for how it is used.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "store/session_store.h"

namespace gw::store {

using MakeSessionStore = std::unique_ptr<SessionStore> (*)();

class SessionStoreContract : public ::testing::TestWithParam<MakeSessionStore> {
 protected:
  static WallTime at(int seconds) { return WallTime(std::chrono::seconds(1'787'304'600 + seconds)); }
  // Changed at `changed` and valid for 100 seconds.
  static StoredSession session(std::string id, int changed, std::string text = "said") {
    return {.id = std::move(id), .text = std::move(text), .changed_at = at(changed), .expires_at = at(changed + 100)};
  }

  std::unique_ptr<SessionStore> store_ = GetParam()();
};

TEST_P(SessionStoreContract, WhatIsWrittenIsListedByItsChange) {
  const auto first = session("b", 1, R"({"logLevel":"ümlaut '; --"})");
  const auto second = session("a", 2);
  ASSERT_TRUE(store_->write_sessions({second, first}, {}));
  EXPECT_EQ(store_->list_sessions(at(3)), (std::vector{first, second}));
}

TEST_P(SessionStoreContract, WritingAgainReplaces) {
  ASSERT_TRUE(store_->write_sessions({session("a", 1), session("b", 2)}, {}));
  const auto again = session("a", 3, "something else");
  ASSERT_TRUE(store_->write_sessions({again}, {}));
  EXPECT_EQ(store_->list_sessions(at(3)), (std::vector{session("b", 2), again}));
}

TEST_P(SessionStoreContract, WhatIsGoneIsRemovedIfItWasThere) {
  ASSERT_TRUE(store_->write_sessions({session("a", 1), session("b", 1)}, {}));
  ASSERT_TRUE(store_->write_sessions({session("c", 2)}, {"a", "never"}));
  EXPECT_EQ(store_->list_sessions(at(3)), (std::vector{session("b", 1), session("c", 2)}));
}

TEST_P(SessionStoreContract, WhatHasExpiredIsNotListed) {
  ASSERT_TRUE(store_->write_sessions({session("old", 1), session("new", 2)}, {}));
  EXPECT_EQ(store_->list_sessions(at(101)), std::vector{session("new", 2)});
}

TEST_P(SessionStoreContract, PruningRemovesWhatHasExpiredAndTheOldestOfTooMany) {
  ASSERT_TRUE(store_->write_sessions({session("a", 1), session("b", 2), session("c", 3), session("d", 4)}, {}));
  EXPECT_EQ(store_->prune_sessions(at(101), 2), 2u);
  EXPECT_EQ(store_->list_sessions(at(5)), (std::vector{session("c", 3), session("d", 4)}));
  EXPECT_EQ(store_->prune_sessions(at(101), 2), 0u);
}

}  // namespace gw::store
