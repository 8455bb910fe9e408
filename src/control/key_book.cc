#include "control/key_book.h"

#include <algorithm>
#include <tuple>

#include "base/log.h"

namespace gw::control {
namespace {

constexpr std::size_t most_revoked = 1024;
constexpr std::string_view user_prefix = "key:";

std::string user_of(std::string_view id) {
  return std::string(user_prefix).append(id);
}

std::unexpected<Error> maker_revoked() {
  return fail(Errc::forbidden, "the key that you use was revoked");
}

}  // namespace

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

const auth::ApiKey* KeyBook::made_by(std::string_view id) const {
  const auto found = std::ranges::find(keys_, user_of(id), [](const auto& entry) { return entry.second.created_by; });
  return found == keys_.end() ? nullptr : &found->second;
}

// A key is made after its maker, so this ends.
std::string_view KeyBook::root_of(std::string_view user) const {
  while (user.starts_with(user_prefix)) {
    const auth::ApiKey* const key = find(user.substr(user_prefix.size()));
    if (key == nullptr) break;
    user = key->created_by;
  }
  return user;
}

std::size_t KeyBook::descending_from(std::string_view user) const {
  const std::string_view root = root_of(user);
  return static_cast<std::size_t>(
      std::ranges::count_if(keys_, [&](const auto& entry) { return root_of(entry.second.created_by) == root; }));
}

bool KeyBook::was_revoked(std::string_view user) const {
  return std::ranges::find(revoked_, user) != revoked_.end();
}

Task<Result<>> KeyBook::add(auth::ApiKey key) {
  if (keys_.size() >= max_keys) {
    co_return fail(Errc::conflict, "there are {} API keys already; revoke those that nobody needs", max_keys);
  }
  co_return co_await changes_.run("keys.change", store_new(std::move(key)));
}

Task<Result<>> KeyBook::store_new(auth::ApiKey key) {
  if (was_revoked(key.created_by)) co_return maker_revoked();
  GW_CO_TRY_OK(co_await blocking_.run([&store = store_, key] { return store.create_key(key); }));
  if (was_revoked(key.created_by)) {
    GW_CO_TRY_OK(co_await blocking_.run([&store = store_, id = key.id] { return store.remove_key(id); }));
    co_return maker_revoked();
  }
  log::info("key.created", {{"key", key.id}, {"by", key.created_by}});
  const std::string id = key.id;
  keys_.insert_or_assign(id, std::move(key));
  tell();
  co_return Result<>();
}

Task<Result<>> KeyBook::remove(std::string id) {
  co_return co_await changes_.run("keys.change", store_removal(std::move(id)));
}

// What it made goes first: if that fails, it is there to be revoked again.
Task<Result<>> KeyBook::store_removal(std::string id) {
  if (find(id) == nullptr) co_return store::no_such_key(id);
  revoked_.push_back(user_of(id));
  if (revoked_.size() > most_revoked) revoked_.pop_front();
  while (const auth::ApiKey* const made = made_by(id)) {
    const auto gone = co_await store_removal(made->id);
    if (!gone && gone.error().code() != Errc::not_found) co_return gone;  // Somebody else may remove it, too.
  }
  co_return co_await store_removal_of_one(std::move(id));
}

Task<Result<>> KeyBook::store_removal_of_one(std::string id) {
  const auto removed = co_await blocking_.run([&store = store_, id] { return store.remove_key(id); });
  if (!removed && removed.error().code() != Errc::not_found) co_return removed;
  if (keys_.erase(id) == 0) co_return store::no_such_key(id);
  log::info("key.revoked", {{"key", id}});
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
