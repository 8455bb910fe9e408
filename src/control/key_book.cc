#include "control/key_book.h"

#include <algorithm>
#include <tuple>

#include "base/log.h"

namespace gw::control {

KeyBook::KeyBook(store::KeyStore& store, BlockingPool& blocking, OnChange on_change)
    : store_(store), blocking_(blocking), on_change_(std::move(on_change)) {}

Task<Result<>> KeyBook::load() {
  GW_CO_TRY(auto stored, co_await blocking_.run([&store = store_] { return store.list_keys(); }));
  for (auth::ApiKey& key : stored) {
    const std::string id = key.id;
    keys_.insert_or_assign(id, std::move(key));
  }
  tell();
  co_return Result<>();
}

const auth::ApiKey* KeyBook::find(std::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

std::vector<const auth::ApiKey*> KeyBook::list() const {
  std::vector<const auth::ApiKey*> all;
  for (const auto& [id, key] : keys_) all.push_back(&key);
  std::ranges::sort(all, std::greater(), [](const auth::ApiKey* key) { return std::tie(key->created_at, key->id); });
  return all;
}

Task<Result<>> KeyBook::add(auth::ApiKey key) {
  if (keys_.size() >= max_keys) {
    co_return fail(Errc::conflict, "there are {} API keys already; revoke those that nobody needs", max_keys);
  }
  co_return co_await changes_.run("keys.change", store_new(std::move(key)));
}

Task<Result<>> KeyBook::store_new(auth::ApiKey key) {
  GW_CO_TRY_OK(co_await blocking_.run([&store = store_, key] { return store.create_key(key); }));
  log::info("key.created", {{"key", key.id}, {"by", key.created_by}});
  const std::string id = key.id;
  keys_.insert_or_assign(id, std::move(key));
  tell();
  co_return Result<>();
}

Task<Result<>> KeyBook::remove(std::string id) {
  co_return co_await changes_.run("keys.change", store_removal(std::move(id)));
}

Task<Result<>> KeyBook::store_removal(std::string id) {
  GW_CO_TRY_OK(co_await blocking_.run([&store = store_, id] { return store.remove_key(id); }));
  log::info("key.revoked", {{"key", id}});
  keys_.erase(id);
  tell();
  co_return Result<>();
}

void KeyBook::tell() const {
  if (!on_change_) return;
  std::vector<auth::ApiKey> all;
  for (const auto& [id, key] : keys_) all.push_back(key);
  on_change_(std::move(all));
}

}  // namespace gw::control
