#include "store/memory_pin_store.h"

namespace gw::store {

Result<std::vector<Pin>> MemoryPinStore::list_pins() {
  const std::lock_guard lock(mutex_);
  std::vector<Pin> all;
  for (const auto& [uid, approvals] : pins_) {
    Pin& pin = all.emplace_back(uid);
    for (const auto& [item, approval] : approvals) pin.approvals.push_back(approval);
  }
  return all;
}

Result<> MemoryPinStore::add_approvals(const Pin& added) {
  const std::lock_guard lock(mutex_);
  Approvals& approvals = pins_[added.adapter_uid];
  for (const Approval& approval : added.approvals) {
    approvals.insert_or_assign({approval.kind, approval.name}, approval);
  }
  return {};
}

Result<> MemoryPinStore::remove_pin(std::string_view adapter_uid) {
  const std::lock_guard lock(mutex_);
  if (const auto found = pins_.find(adapter_uid); found != pins_.end()) pins_.erase(found);
  return {};
}

}  // namespace gw::store
