// Makes the settings of access control, and makes them anew when anything that they are made of changes: the
// configuration, API keys, the keys of issuers.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "access/settings.h"
#include "auth/key_keeper.h"
#include "limits/limiter.h"
#include "model/reference.h"
#include "runtime/task_group.h"

namespace gw::access {

// What the configuration says about access.
struct Declared {
  auth::Options auth;
  policy::Rules policy;
  limits::Rules limits;
  std::string origin;  // Of clients; never empty.
  std::vector<net::AddressBlock> trusted_proxies;
};

// On the control loop, except newer_keys(), which workers call.
class Publisher final : public auth::KeyRefresh {
 public:
  using Publish = std::function<void(SettingsPtr)>;

  // `publish` hands settings to every worker. All references outlive this.
  Publisher(Loop& control, net::Resolver& resolver, limits::Limiter& limiter, Publish publish);
  ~Publisher() override;

  // What is made of a configuration before it counts: references resolved, keys parsed, rules compiled.
  struct Prepared;
  // Everything that can be wrong is wrong here; nothing has changed then. Errors name the field.
  Result<std::shared_ptr<Prepared>> prepare(Declared declared, const model::ReferenceSources& references) const;
  // Replaces what counts, publishes it, and begins to keep the keys of its issuers.
  void commit(std::shared_ptr<Prepared> prepared);

  // Keys that were made through the API, all of them.
  void set_api_keys(std::vector<auth::ApiKey> keys);

  // Completes when each issuer was asked for its keys once, successfully or not.
  Task<> first_attempts();

  // Null before the first commit().
  const SettingsPtr& settings() const { return settings_; }
  std::vector<auth::IssuerKeys> issuers() const { return keeper_.issuers(); }

  Task<auth::StatePtr> newer_keys(Loop& loop, std::string issuer, std::uint64_t generation) override;
  // From now on nobody is waited for: newer_keys() gives what is known.
  void close();

 private:
  void publish();
  Task<> refresh(std::string issuer, std::uint64_t generation);

  Loop& control_;
  limits::Limiter& limiter_;
  Publish publish_;
  auth::KeyKeeper keeper_;
  std::shared_ptr<const Prepared> prepared_;
  std::vector<auth::ApiKey> made_keys_;
  SettingsPtr settings_;
  std::atomic<bool> closed_ = false;
  TaskGroup refreshes_;
};

}  // namespace gw::access
