#include "vault/vault.h"

#include "base/log.h"
#include "base/strings.h"
#include "model/reference.h"

namespace gw::vault {
namespace {

Entry entry_of(const store::SealedSecret& secret) {
  return {secret.name, secret.created_at, secret.last_updated_at};
}

Result<> check(std::string_view name, const SecretString& value) {
  if (!model::is_secret_name(name)) {
    return std::unexpected(Error(Errc::invalid,
                                 fmt::format("'{}' is not the name of a secret: 1 to 128 letters, digits, dots, dashes "
                                             "and underscores, the first a letter or digit",
                                             printable(name, 80)),
                                 "name"));
  }
  const std::string_view text = value.reveal();
  if (text.empty()) return std::unexpected(Error(Errc::invalid, "a secret must not be empty", "value"));
  if (text.size() > Vault::max_value) {
    return std::unexpected(
        Error(Errc::too_large, fmt::format("a secret has at most {} bytes", Vault::max_value), "value"));
  }
  if (text.contains('\0')) {
    return std::unexpected(Error(Errc::invalid, "a secret must not hold a NUL character", "value"));
  }
  return {};
}

}  // namespace

Vault::Vault(store::SecretStore& store, BlockingPool& blocking, Cipher cipher)
    : store_(store), blocking_(blocking), cipher_(std::move(cipher)) {}

Task<Result<>> Vault::load() {
  GW_CO_TRY(auto stored, co_await blocking_.run([&store = store_] { return store.list_secrets(); }));
  std::size_t unreadable = 0;
  for (store::SealedSecret& secret : stored) {
    unreadable += !cipher_.open(secret.name, secret.sealed).has_value();
    const std::string name = secret.name;
    secrets_.insert_or_assign(name, std::move(secret));
  }
  if (unreadable > 0) {
    log::error("secrets.unreadable", {{"secrets", unreadable},
                                      {"remedy", "bring back the key that they were set with, or set them again"}});
  }
  co_return Result<>();
}

std::vector<Entry> Vault::list() const {
  std::vector<Entry> all;
  for (const auto& [name, secret] : secrets_) all.push_back(entry_of(secret));
  return all;
}

Result<SecretString> Vault::find(std::string_view name) const {
  const auto found = secrets_.find(name);
  if (found == secrets_.end()) return store::no_such_secret(name);
  return cipher_.open(name, found->second.sealed);
}

Task<Result<Entry>> Vault::set(std::string name, SecretString value) {
  GW_CO_TRY_OK(check(name, value));
  if (!has(name) && secrets_.size() >= max_secrets) {
    co_return fail(Errc::conflict, "there are {} secrets already; remove some first", max_secrets);
  }
  std::string sealed = cipher_.seal(name, value);
  co_return co_await changes_.run("vault.change", store_value(std::move(name), std::move(sealed)));
}

Task<Result<Entry>> Vault::store_value(std::string name, std::string sealed) {
  GW_CO_TRY(store::SealedSecret stored, co_await blocking_.run([&store = store_, name, sealed, now = wall_now()] {
    return store.put_secret(name, sealed, now);
  }));
  const Entry entry = entry_of(stored);
  secrets_.insert_or_assign(name, std::move(stored));
  log::info("secret.set", {{"secret", name}});
  on_change_();
  co_return entry;
}

Task<Result<>> Vault::remove(std::string name) {
  GW_CO_TRY_OK(co_await changes_.run("vault.change", store_removal(std::move(name))));
  co_return Result<>();
}

Task<Result<Entry>> Vault::store_removal(std::string name) {
  GW_CO_TRY_OK(co_await blocking_.run([&store = store_, name] { return store.remove_secret(name); }));
  secrets_.erase(name);
  log::info("secret.removed", {{"secret", name}});
  on_change_();
  co_return Entry{.name = name};
}

}  // namespace gw::vault
