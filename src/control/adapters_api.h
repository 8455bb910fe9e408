// /adapters: create, read, replace, delete, list.
#pragma once

#include <functional>
#include <vector>

#include "control/access_settings.h"
#include "control/api.h"
#include "control/registry.h"

namespace gw::control {

class AdaptersApi {
 public:
  static constexpr std::size_t max_page = 1000;

  // Both outlive it.
  AdaptersApi(Registry& registry, const AccessSettings& access) : registry_(registry), access_(access) {}

  std::vector<ApiRoute> routes();
  Resources resources() const;

 private:
  Task<Answer> list(Call& call);
  Task<Answer> create(Call& call);
  Task<Answer> get(Call& call);
  Task<Answer> replace(Call& call);
  Task<Answer> remove(Call& call);

  // What of the specification needs more rights than creating or changing an adapter does.
  std::optional<Answer> refuse(const identity::Principal& caller, const model::AdapterSpec& spec) const;

  Registry& registry_;
  const AccessSettings& access_;
};

}  // namespace gw::control
