// /keys: API keys. Users manage their own, administrators all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "control/api.h"
#include "control/key_book.h"

namespace gw::control {

class KeysApi {
 public:
  // Both outlive it.
  KeysApi(KeyBook& keys, const AccessSettings& access) : keys_(keys), access_(access) {}

  std::vector<ApiRoute> routes();
  Resources resources() const;

  // A JSON Schema of what POST takes.
  static boost::json::object request_schema();

 private:
  Task<Answer> list(Call& call);
  Task<Answer> create(Call& call);
  Task<Answer> get(Call& call);
  Task<Answer> remove(Call& call);

  KeyBook& keys_;
  const AccessSettings& access_;
};

}  // namespace gw::control
