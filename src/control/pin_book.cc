#include "control/pin_book.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/log.h"
#include "base/strings.h"

namespace gw::control {
namespace {

using catalogue::Definition;

store::Approval approval_of(const Definition& definition, std::string by, WallTime at) {
  return {.kind = std::string(to_string(definition.kind)),
          .name = definition.name,
          .hash = definition.hash,
          .definition = definition.json,
          .approved_by = std::move(by),
          .approved_at = at};
}

}  // namespace

PinBook::PinBook(store::PinStore& store, BlockingPool& blocking, const Registry& registry, Counters& counters,
                 std::function<void()> on_change)
    : store_(store), blocking_(blocking), registry_(registry), counters_(counters), on_change_(std::move(on_change)) {}

Task<Result<>> PinBook::load() {
  GW_CO_TRY(auto stored, co_await blocking_.run([&store = store_] { return store.list_pins(); }));
  for (store::Pin& pin : stored) {
    Approvals& approvals = pins_[pin.adapter_uid];
    for (store::Approval& approval : pin.approvals) {
      const auto kind = catalogue::kind_named(approval.kind);
      if (kind) approvals.insert_or_assign({*kind, approval.name}, std::move(approval));
    }
  }
  co_return Result<>();
}

void PinBook::follow() {
  const auto pinned = registry_.pinned();
  const bool any = !pinned.empty() || !pins_.empty();
  for (auto it = pins_.begin(); it != pins_.end();) {
    if (pinned.contains(it->first)) {
      ++it;
      continue;
    }
    unstored_.erase(it->first);
    changes_.start("pins.change", store_removal(it->first));
    it = pins_.erase(it);
  }
  std::erase_if(listed_, [this](const auto& entry) {
    const model::Adapter* const adapter = registry_.find(entry.first);
    return adapter == nullptr || adapter->uid != entry.second.uid || !adapter->spec.federated || !adapter->spec.enabled;
  });
  for (auto& [name, listed] : listed_) {
    pin(*registry_.find(name));
    find_waiting(name);
  }
  count_waiting();
  if (any) tell();
}

void PinBook::listed(catalogue::ListingPtr listing) {
  const std::string name = listing->adapter;
  const model::Adapter* const adapter = registry_.find(name);
  if (adapter == nullptr) return;
  Listed& listed = listed_[name];
  listed = {.uid = adapter->uid, .listing = std::move(listing), .index = {}, .waiting = std::move(listed.waiting)};
  const bool is_first = pin(*adapter);
  if (auto unstored = unstored_.extract(adapter->uid)) {
    changes_.start("pins.change", store_first(std::move(unstored.mapped())));
  }
  find_waiting(name);
  count_waiting();
  if (is_first) tell();
}

// To what it was listed with last, if it was and is not pinned yet.
bool PinBook::pin(const model::Adapter& adapter) {
  const auto listed = listed_.find(adapter.spec.name);
  if (!adapter.spec.pinned || listed == listed_.end() || !listed->second.listing->complete) return false;
  const auto [pin, is_new] = pins_.try_emplace(adapter.uid);
  if (!is_new) return false;
  store::Pin first{.adapter_uid = adapter.uid, .approvals = {}};
  const WallTime now = wall_now();
  for (const Definition& definition : listed->second.listing->definitions) {
    store::Approval approval = approval_of(definition, {}, now);
    const auto [entry, is_first] = pin->second.try_emplace({definition.kind, definition.name}, approval);
    if (is_first) first.approvals.push_back(std::move(approval));
  }
  log::info("catalogue.pinned", {{"adapter", adapter.spec.name}, {"definitions", first.approvals.size()}});
  changes_.start("pins.change", store_first(std::move(first)));
  return true;
}

Task<> PinBook::store_first(store::Pin pin) {
  const auto stored = co_await blocking_.run([&store = store_, pin] { return store.add_approvals(pin); });
  if (stored) co_return;
  log::error("catalogue.pin_not_stored", {{"uid", pin.adapter_uid}, {"error", stored.error().message()}});
  if (pins_.contains(pin.adapter_uid)) unstored_.insert_or_assign(pin.adapter_uid, std::move(pin));
}

Task<> PinBook::store_removal(std::string uid) {
  const auto removed = co_await blocking_.run([&store = store_, uid] { return store.remove_pin(uid); });
  if (!removed) log::error("catalogue.pin_not_stored", {{"uid", uid}, {"error", removed.error().message()}});
}

catalogue::Pins PinBook::pins() const {
  catalogue::Pins pins;
  for (const model::Adapter* adapter : registry_.list({}, registry_.size())) {
    if (!adapter->spec.pinned) continue;
    auto& approved = pins.approved[adapter->spec.name];
    const auto pin = pins_.find(adapter->uid);
    if (pin == pins_.end()) continue;
    for (const auto& [item, approval] : pin->second) approved.emplace(item, approval.hash);
  }
  return pins;
}

const PinBook::Approvals* PinBook::approvals_of(std::string_view name) const {
  const model::Adapter* const adapter = registry_.find(name);
  if (adapter == nullptr || !adapter->spec.pinned) return nullptr;
  const auto pin = pins_.find(adapter->uid);
  return pin == pins_.end() ? nullptr : &pin->second;
}

std::vector<const store::Approval*> PinBook::approvals(std::string_view adapter) const {
  std::vector<const store::Approval*> all;
  const Approvals* const approvals = approvals_of(adapter);
  if (approvals == nullptr) return all;
  for (const auto& [item, approval] : *approvals) all.push_back(&approval);
  return all;
}

const store::Approval* PinBook::approval(std::string_view adapter, const ItemId& item) const {
  const Approvals* const approvals = approvals_of(adapter);
  if (approvals == nullptr) return nullptr;
  const auto found = approvals->find(item);
  return found == approvals->end() ? nullptr : &found->second;
}

const Definition* PinBook::definition(std::string_view adapter, const ItemId& item) const {
  const auto listed = listed_.find(adapter);
  if (listed == listed_.end()) return nullptr;
  const auto found = listed->second.index.find({item.first, item.second});
  return found == listed->second.index.end() ? nullptr : found->second;
}

std::vector<PinBook::Waiting> PinBook::waiting(std::string_view adapter) const {
  const auto listed = listed_.find(adapter);
  return listed == listed_.end() ? std::vector<Waiting>() : listed->second.waiting;
}

// For pinned adapters only; others need neither an index nor a look at their definitions.
void PinBook::find_waiting(const std::string& adapter) {
  Listed& listed = listed_.at(adapter);
  const auto before = std::exchange(listed.waiting, {});
  listed.index.clear();
  const Approvals* const approvals = approvals_of(adapter);
  if (approvals == nullptr) return;
  for (const Definition& definition : listed.listing->definitions) {
    if (!listed.index.try_emplace({definition.kind, definition.name}, &definition).second) continue;
    const auto approved = approvals->find({definition.kind, definition.name});
    const bool is_new = approved == approvals->end();
    if (!is_new && approved->second.hash == definition.hash) continue;
    listed.waiting.push_back({definition.kind, definition.name, definition.hash, is_new});
  }
  if (listed.waiting.empty() || !before.empty()) return;
  log::warn("catalogue.quarantined", {{"adapter", adapter}, {"definitions", listed.waiting.size()}});
}

void PinBook::count_waiting() {
  std::size_t waiting = 0;
  for (const auto& [name, listed] : listed_) waiting += listed.waiting.size();
  counters_.definitions_quarantined.set(waiting);
}

std::optional<std::string> PinBook::unfit(std::string_view adapter, const Wanted& wanted) const {
  const Definition* const present = definition(adapter, {wanted.kind, wanted.name});
  const std::string what = fmt::format("{} '{}' of '{}'", to_string(wanted.kind), printable(wanted.name), adapter);
  if (present == nullptr) return fmt::format("{} is not offered", what);
  if (present->hash == wanted.hash) return {};
  return fmt::format("{} is another now: its hash is {}; look at it again", what, present->hash);
}

Result<> PinBook::may_approve(std::string_view adapter, std::size_t count) const {
  const model::Adapter* const found = registry_.find(adapter);
  if (found == nullptr || !found->spec.pinned) {
    return fail(Errc::conflict, "adapter '{}' is not pinned, so nothing of it waits for approval; set 'pinned' first",
                adapter);
  }
  const Approvals* const approvals = approvals_of(adapter);
  if (approvals == nullptr) {
    return fail(Errc::conflict,
                "the server of adapter '{}' has not said yet what it offers; its first list needs no "
                "approval",
                adapter);
  }
  if (approvals->size() + count <= max_approvals) return {};
  return fail(Errc::conflict, "adapter '{}' has {} approvals and may have {}; unpin it and pin it again", adapter,
              approvals->size(), max_approvals);
}

Task<Result<>> PinBook::approve(std::string adapter, std::vector<Wanted> wanted, std::string by) {
  store::Pin added{.adapter_uid = registry_.find(adapter)->uid, .approvals = {}};
  const WallTime now = wall_now();
  for (const Wanted& item : wanted) {
    added.approvals.push_back(approval_of(*definition(adapter, {item.kind, item.name}), by, now));
  }
  GW_CO_TRY_OK(co_await changes_.run("pins.change", store_approvals(std::move(added))));
  log::info("catalogue.approved", {{"adapter", adapter}, {"definitions", wanted.size()}, {"by", by}});
  co_return Result<>();
}

Task<Result<>> PinBook::store_approvals(store::Pin added) {
  GW_CO_TRY_OK(co_await blocking_.run([&store = store_, added] { return store.add_approvals(added); }));
  const auto pin = pins_.find(added.adapter_uid);
  if (pin == pins_.end()) co_return Result<>();  // Unpinned meanwhile, which the store learned after this.
  for (store::Approval& approval : added.approvals) {
    const ItemId item(*catalogue::kind_named(approval.kind), approval.name);
    pin->second.insert_or_assign(item, std::move(approval));
  }
  for (auto& [name, listed] : listed_) {
    if (listed.uid == added.adapter_uid) find_waiting(name);
  }
  count_waiting();
  tell();
  co_return Result<>();
}

void PinBook::tell() const {
  if (on_change_) on_change_();
}

}  // namespace gw::control
