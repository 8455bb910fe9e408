// /whoami, and /policy/explain: who may do what, and why not.
#pragma once

#include <vector>

#include <boost/json/fwd.hpp>

#include "control/api.h"
#include "control/key_book.h"
#include "control/registry.h"

namespace gw::control {

class AccessApi {
 public:
  // All of them outlive it.
  AccessApi(const Registry& registry, const KeyBook& keys, const AccessSettings& access)
      : registry_(registry), keys_(keys), access_(access) {}

  std::vector<ApiRoute> routes();

  // A JSON Schema of what POST /policy/explain takes.
  static boost::json::object question_schema();

 private:
  Task<Answer> whoami(Call& call);
  Task<Answer> explain(Call& call);

  const Registry& registry_;
  const KeyBook& keys_;
  const AccessSettings& access_;
};

}  // namespace gw::control
