#include "store/memory_secret_store.h"

namespace gw::store {

std::unexpected<Error> no_such_secret(std::string_view name) {
  return fail(Errc::not_found, "there is no secret named '{}'; set it with mcp-gateway secrets set {}", name, name);
}

Result<std::vector<SealedSecret>> MemorySecretStore::list_secrets() {
  const std::lock_guard lock(mutex_);
  std::vector<SealedSecret> all;
  for (const auto& [name, secret] : secrets_) all.push_back(secret);
  return all;
}

Result<SealedSecret> MemorySecretStore::put_secret(std::string_view name, std::string_view sealed, WallTime now) {
  const std::lock_guard lock(mutex_);
  SealedSecret& secret = secrets_[std::string(name)];
  if (secret.name.empty()) secret = {.name = std::string(name), .created_at = now};
  secret.sealed = sealed;
  secret.last_updated_at = now;
  return secret;
}

Result<> MemorySecretStore::remove_secret(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = secrets_.find(name);
  if (found == secrets_.end()) return no_such_secret(name);
  secrets_.erase(found);
  return {};
}

}  // namespace gw::store
