// /catalogue: what /mcp offers of the servers that the caller may read, and what it does not, and why.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "catalogue/snapshot.h"
#include "control/access_settings.h"
#include "control/api.h"
#include "control/pin_book.h"
#include "control/registry.h"

namespace gw::control {

// The present snapshot; null before there is one. Called on the control loop.
using SnapshotSource = std::function<catalogue::SnapshotPtr()>;

// Readers of an adapter see everything of it here, also what the policy keeps from them under /mcp: this says what
// there is, not what they may use.
class CatalogueApi {
 public:
  static constexpr std::size_t max_page = 1000;
  static constexpr std::size_t max_page_bytes = 4 << 20;  // A page ends when it is longer.

  // The references outlive it. Without a source there is nothing.
  CatalogueApi(const Registry& registry, const PinBook& pins, const AccessSettings& access, SnapshotSource snapshot)
      : registry_(registry), pins_(pins), access_(access), snapshot_(std::move(snapshot)) {}

  std::vector<ApiRoute> routes();

 private:
  Task<Answer> list(Call& call);
  Task<Answer> hidden(Call& call);

  const Registry& registry_;
  const PinBook& pins_;
  const AccessSettings& access_;
  const SnapshotSource snapshot_;
};

}  // namespace gw::control
