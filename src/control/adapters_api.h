// /adapters and /tools: create, read, replace, delete, list. One object for each.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <vector>

#include "control/access_settings.h"
#include "control/api.h"
#include "control/collection.h"
#include "control/registry.h"
#include "net/egress.h"

namespace gw::control {

class AdaptersApi {
 public:
  static constexpr std::size_t max_page = 1000;

  // `egress` says where URLs may lead; null: anywhere. The others outlive it.
  AdaptersApi(const Collection& collection, Registry& registry, const AccessSettings& access,
              std::shared_ptr<const net::EgressRules> egress)
      : collection_(collection), registry_(registry), access_(access), egress_(std::move(egress)) {}

  std::vector<ApiRoute> routes();
  Resources resources() const;

 private:
  Task<Answer> list(Call& call);
  Task<Answer> create(Call& call);
  Task<Answer> get(Call& call);
  Task<Answer> replace(Call& call);
  Task<Answer> remove(Call& call);
  std::string what() const { return "the " + std::string(collection_.noun); }
  // What the body declares, or why it cannot be. `present` is what it replaces, or null.
  std::expected<model::AdapterSpec, Answer> read_spec(std::string_view body, const model::AdapterSpec* present) const;

  // What of the specification needs more rights than creating or changing an adapter does.
  std::optional<Error> exceeds(const identity::Principal& caller, const model::AdapterSpec& spec) const;
  // The answer to that, which is recorded as a denial of `action`.
  std::optional<Answer> refuse(const Call& call, std::string_view action, const model::AdapterSpec& spec) const;

  const Collection collection_;
  Registry& registry_;
  const AccessSettings& access_;
  std::shared_ptr<const net::EgressRules> egress_;
};

}  // namespace gw::control
