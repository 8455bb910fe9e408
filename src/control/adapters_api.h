// /adapters: create, read, replace, delete, list.
#pragma once

#include <functional>
#include <vector>

#include "control/api.h"
#include "control/registry.h"

namespace gw::control {

class AdaptersApi {
 public:
  static constexpr std::size_t max_page = 1000;
  static constexpr std::size_t max_body = 4 << 20;

  explicit AdaptersApi(Registry& registry) : registry_(registry) {}

  std::vector<ApiRoute> routes();

 private:
  Task<Answer> list(Call& call);
  Task<Answer> create(Call& call);
  Task<Answer> get(Call& call);
  Task<Answer> replace(Call& call);
  Task<Answer> remove(Call& call);

  Registry& registry_;
};

}  // namespace gw::control
