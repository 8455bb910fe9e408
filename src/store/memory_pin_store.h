// A store of approvals that forgets everything when the program ends.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "store/pin_store.h"

namespace gw::store {

class MemoryPinStore final : public PinStore {
 public:
  Result<std::vector<Pin>> list_pins() override;
  Result<> add_approvals(const Pin& added) override;
  Result<> remove_pin(std::string_view adapter_uid) override;

 private:
  using Approvals = std::map<std::pair<std::string, std::string>, Approval>;  // By kind and name.

  std::mutex mutex_;
  std::map<std::string, Approvals, std::less<>> pins_;
};

}  // namespace gw::store
