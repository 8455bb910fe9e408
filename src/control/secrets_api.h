// /secrets: what ${secret:NAME} stands for. Secrets are set and removed here, and never read.
#pragma once

#include <vector>

#include <boost/json/fwd.hpp>

#include "control/api.h"
#include "vault/vault.h"

namespace gw::control {

class SecretsApi {
 public:
  // `vault` outlives it.
  explicit SecretsApi(vault::Vault& vault) : vault_(vault) {}

  std::vector<ApiRoute> routes();

  // A JSON Schema of what PUT takes.
  static boost::json::object request_schema();

 private:
  Task<Answer> list(Call& call);
  Task<Answer> set(Call& call);
  Task<Answer> remove(Call& call);

  vault::Vault& vault_;
};

}  // namespace gw::control
