// A store of API keys that forgets everything when the program ends.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "store/key_store.h"

namespace gw::store {

class MemoryKeyStore final : public KeyStore {
 public:
  Result<std::vector<auth::ApiKey>> list_keys() override;
  Result<> create_key(const auth::ApiKey& key) override;
  Result<> remove_key(std::string_view id) override;

 private:
  std::mutex mutex_;
  std::map<std::string, auth::ApiKey, std::less<>> keys_;
};

}  // namespace gw::store
