#include "process/supervisor.h"

#include <algorithm>

namespace gw::process {
namespace {

bool is_supervised(const model::AdapterSpec& spec) {
  return spec.enabled && spec.command && spec.transport == model::Transport::http;
}

// Whether a process that was started for one of them serves for the other.
bool same_process(const model::Adapter& a, const model::Adapter& b) {
  return a.uid == b.uid && a.spec.command == b.spec.command && a.spec.environment == b.spec.environment;
}

}  // namespace

Supervisor::Supervisor(Launcher& launcher, LogBook& logs, SpawnDefaults defaults, SupervisorOptions options,
                       std::function<void(const std::string&)> on_change)
    : context_{launcher, logs, std::move(defaults), options},
      on_change_(std::move(on_change)),
      settle_soon_(launcher.control(), [this] { settle(); }) {}

Supervisor::~Supervisor() = default;

void Supervisor::apply(const model::Adapter& adapter) {
  if (shutting_down_) return;
  const auto& name = adapter.spec.name;
  const bool supervised = is_supervised(adapter.spec);
  if (!supervised && !groups_.contains(name)) return;
  Group& group = groups_[name];
  group.wanted = adapter;
  group.count = supervised ? adapter.spec.replica_count : 0;
  group.removed = false;
  changed(name);
}

void Supervisor::remove(const std::string& name) {
  const auto group = groups_.find(name);
  if (group == groups_.end()) return context_.logs.remove(name);
  group->second.count = 0;
  group->second.removed = true;
  changed(name);
}

std::vector<InstanceStatus> Supervisor::status(const std::string& name) const {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return {};
  std::multimap<std::uint32_t, const Replica*> by_instance;  // Equal keys keep the order in which they came.
  const auto add = [&](const std::unique_ptr<Replica>& replica) {
    if (replica) by_instance.emplace(replica->status().instance, replica.get());
  };
  for (const Slot& slot : found->second.slots) {
    add(slot.current);
    add(slot.next);
  }
  for (const auto& replica : found->second.retiring) add(replica);
  std::vector<InstanceStatus> all;
  for (const auto& [instance, replica] : by_instance) {
    all.push_back(replica->status());
    all.back().updated = same_process(replica->adapter(), found->second.wanted);
  }
  return all;
}

Task<> Supervisor::shut_down() {
  shutting_down_ = true;
  for (auto& [name, group] : groups_) {
    group.count = 0;
    for (auto& replica : group.retiring) replica->retire(Duration::zero());
    unsettled_.insert(name);
  }
  settle();
  if (!groups_.empty()) co_await all_gone_;
}

// Called by replicas from inside their tasks: what follows may destroy them, so it waits for the loop.
void Supervisor::changed(const std::string& name) {
  unsettled_.insert(name);
  if (!settle_soon_.armed()) settle_soon_.arm(steady_now());
}

void Supervisor::settle() {
  for (const auto& name : std::exchange(unsettled_, {})) {
    const auto found = groups_.find(name);
    if (found == groups_.end()) continue;
    Group& group = found->second;
    reconcile(name, group);
    std::erase_if(group.retiring, [](const auto& replica) { return replica->stopped(); });
    if (group.count == 0 && group.retiring.empty()) {
      if (group.removed) context_.logs.remove(name);
      groups_.erase(found);
    }
    on_change_(name);
  }
  if (shutting_down_ && groups_.empty()) all_gone_.set();
}

void Supervisor::reconcile(const std::string& name, Group& group) {
  while (group.slots.size() > group.count) {
    auto slot = std::move(group.slots.back());
    group.slots.pop_back();
    retire(group, std::move(slot.next));
    retire(group, std::move(slot.current));
  }
  while (group.slots.size() < group.count) {
    const auto instance = static_cast<std::uint32_t>(group.slots.size());
    group.slots.push_back({.current = start(name, group, instance)});
  }
  replace_one(name, group);
}

// A replica that serves is replaced only when its successor serves, and the next one only then: all others go on.
void Supervisor::replace_one(const std::string& name, Group& group) {
  for (Slot& slot : group.slots) {
    if (slot.next && !same_process(slot.next->adapter(), group.wanted)) retire(group, std::move(slot.next));
    if (same_process(slot.current->adapter(), group.wanted)) {
      retire(group, std::move(slot.next));
      continue;
    }
    if (!slot.next) slot.next = start(name, group, slot.current->status().instance);
    if (slot.current->ready() && !slot.next->ready()) return;
    retire(group, std::exchange(slot.current, std::move(slot.next)));
  }
}

std::unique_ptr<Replica> Supervisor::start(const std::string& name, const Group& group, std::uint32_t instance) {
  return std::make_unique<Replica>(context_, group.wanted, instance, [this, name] { changed(name); });
}

void Supervisor::retire(Group& group, std::unique_ptr<Replica> replica) {
  if (!replica) return;
  replica->retire(shutting_down_ ? Duration::zero() : context_.options.drain_timeout);
  group.retiring.push_back(std::move(replica));
}

}  // namespace gw::process
