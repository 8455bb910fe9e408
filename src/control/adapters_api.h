// /adapters: create, read, replace, delete, list.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <vector>

#include "control/api.h"
#include "control/registry.h"
#include "net/egress.h"

namespace gw::control {

class AdaptersApi {
 public:
  static constexpr std::size_t max_page = 1000;
  static constexpr std::size_t max_body = 4 << 20;

  // `egress` says where URLs may lead; null: anywhere.
  AdaptersApi(Registry& registry, std::shared_ptr<const net::EgressRules> egress)
      : registry_(registry), egress_(std::move(egress)) {}

  std::vector<ApiRoute> routes();

 private:
  Task<Answer> list(Call& call);
  Task<Answer> create(Call& call);
  Task<Answer> get(Call& call);
  Task<Answer> replace(Call& call);
  Task<Answer> remove(Call& call);
  // What the body declares, or why it cannot be. `present` is what it replaces, or null.
  std::expected<model::AdapterSpec, Answer> read_spec(std::string_view body, const model::AdapterSpec* present) const;

  Registry& registry_;
  std::shared_ptr<const net::EgressRules> egress_;
};

}  // namespace gw::control
