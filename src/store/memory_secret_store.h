// A store of sealed secrets that forgets everything when the program ends.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "store/secret_store.h"

namespace gw::store {

class MemorySecretStore final : public SecretStore {
 public:
  Result<std::vector<SealedSecret>> list_secrets() override;
  Result<SealedSecret> put_secret(std::string_view name, std::string_view sealed, WallTime now) override;
  Result<> remove_secret(std::string_view name) override;

 private:
  std::mutex mutex_;
  std::map<std::string, SealedSecret, std::less<>> secrets_;
};

}  // namespace gw::store
