// What every store of approvals must do; see contract_test.h for how it is used.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "store/pin_store.h"

namespace gw::store {

using MakePinStore = std::unique_ptr<PinStore> (*)();

inline Approval example_approval(std::string kind, std::string name, std::string hash = "5e884898") {
  return {.kind = std::move(kind),
          .name = std::move(name),
          .hash = std::move(hash),
          .definition = R"({"name":"ümlaut '; DROP TABLE pins"})",
          .approved_by = "ann",
          .approved_at = WallTime(std::chrono::milliseconds(1'787'304'600'125))};
}

class PinStoreContract : public ::testing::TestWithParam<MakePinStore> {
 protected:
  std::unique_ptr<PinStore> store_ = GetParam()();
};

TEST_P(PinStoreContract, WhatIsApprovedIsListedInOrder) {
  const auto prompt = example_approval("prompt", "a");
  const auto tool = example_approval("tool", "a");
  ASSERT_TRUE(store_->add_approvals({"u2", {tool}}));
  ASSERT_TRUE(store_->add_approvals({"u1", {tool, prompt}}));
  EXPECT_EQ(store_->list_pins(), (std::vector<Pin>{{"u1", {prompt, tool}}, {"u2", {tool}}}));
}

TEST_P(PinStoreContract, APinWithoutApprovalsIsAPin) {
  ASSERT_TRUE(store_->add_approvals({"u", {}}));
  EXPECT_EQ(store_->list_pins(), (std::vector<Pin>{{"u", {}}}));
}

TEST_P(PinStoreContract, ALaterApprovalReplacesThatOfTheSameItemOnly) {
  const auto kept = example_approval("tool", "b");
  ASSERT_TRUE(store_->add_approvals({"u", {example_approval("tool", "a", "old"), kept}}));
  auto later = example_approval("tool", "a", "new");
  later.approved_by = "bob";
  ASSERT_TRUE(store_->add_approvals({"u", {later}}));
  EXPECT_EQ(store_->list_pins(), (std::vector<Pin>{{"u", {later, kept}}}));
}

TEST_P(PinStoreContract, ARemovedPinTakesItsApprovalsAlong) {
  const Pin kept{"u2", {example_approval("tool", "a")}};
  ASSERT_TRUE(store_->add_approvals({"u1", {example_approval("tool", "a")}}));
  ASSERT_TRUE(store_->add_approvals(kept));
  ASSERT_TRUE(store_->remove_pin("u1"));
  ASSERT_TRUE(store_->remove_pin("u1"));
  EXPECT_EQ(store_->list_pins(), std::vector{kept});
  ASSERT_TRUE(store_->add_approvals({"u1", {}}));
  EXPECT_EQ(store_->list_pins(), (std::vector<Pin>{{"u1", {}}, kept}));
}

}  // namespace gw::store
