// Where approvals of definitions of pinned adapters are kept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "runtime/time.h"

namespace gw::store {

// A definition that counts as approved.
struct Approval {
  std::string kind;        // Any word; see catalogue::to_string.
  std::string name;        // What the server calls it.
  std::string hash;        // Of the definition.
  std::string definition;  // Raw JSON, as it was approved.
  std::string approved_by;
  WallTime approved_at{};

  bool operator==(const Approval&) const = default;
};

// An adapter that was pinned and listed since: from then on only what is approved counts, even if that is nothing.
struct Pin {
  std::string adapter_uid;
  std::vector<Approval> approvals;

  bool operator==(const Pin&) const = default;
};

// Thread-safe and synchronous, like ResourceStore. store/pin_contract_test.h holds every implementation to this.
class PinStore {
 public:
  virtual ~PinStore() = default;

  // All of them, in the order of uids; approvals in the order of kind and name.
  virtual Result<std::vector<Pin>> list_pins() = 0;
  // Creates the pin unless it is there, and adds the approvals to it. An approval replaces that of the same kind and
  // name. Everything or nothing.
  virtual Result<> add_approvals(const Pin& added) = 0;
  // With all its approvals. Does nothing when there is no such pin.
  virtual Result<> remove_pin(std::string_view adapter_uid) = 0;
};

}  // namespace gw::store
