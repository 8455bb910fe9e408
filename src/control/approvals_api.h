// /adapters/{name}/approvals: what of a pinned adapter is approved, what waits, and approving it.
#pragma once

#include <vector>

#include <boost/json/fwd.hpp>

#include "control/api.h"
#include "control/pin_book.h"
#include "control/registry.h"

namespace gw::control {

// Approvals of adapters of the file are no part of the file: they are made here like others.
class ApprovalsApi {
 public:
  static constexpr std::size_t max_items = 10'000;  // Of one request.

  // Both outlive it.
  ApprovalsApi(const Registry& registry, PinBook& pins) : registry_(registry), pins_(pins) {}

  std::vector<ApiRoute> routes();

  // A JSON Schema of what POST takes.
  static boost::json::object request_schema();

 private:
  Task<Answer> get(Call& call);
  Task<Answer> approve(Call& call);
  Answer state_of(const std::string& adapter) const;

  const Registry& registry_;
  PinBook& pins_;
};

}  // namespace gw::control
