// Who sent a request. On each worker, by an immutable picture of everything that is configured and known.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/api_key.h"
#include "auth/capabilities.h"
#include "auth/options.h"
#include "auth/token.h"
#include "base/counter.h"
#include "net/address.h"
#include "runtime/maybe_task.h"

namespace gw::auth {

// An issuer and what was fetched from it.
struct Issuer {
  IssuerOptions options;
  std::shared_ptr<const KeySet> keys;  // Null: none were ever fetched, so none of its tokens can be verified.
  std::uint64_t generation = 0;        // Grows with every successful fetch.
  std::string problem;                 // Why the last fetch failed; the keys before it stay.
};

// Immutable once published.
struct State {
  Options options;
  std::vector<Way> pipeline;  // Resolved: never empty when options.enabled().
  std::vector<Issuer> issuers;
  std::shared_ptr<const ApiKeys> api_keys;
  SecretString trusted_secret;
  std::vector<net::AddressBlock> trusted_networks;
  std::shared_ptr<const CapabilityVerifier> capabilities;  // Null when there is no key.
};
using StatePtr = std::shared_ptr<const State>;

// What a request says about its sender. Views into its header fields; empty where there is none.
struct Evidence {
  std::string_view authorization;
  std::size_t authorizations = 0;  // How many fields: more than one is refused.
  std::string_view api_key;        // X-API-Key
  std::string_view gateway_secret, mcp_user_id, mcp_user_name, mcp_roles;
  std::string_view dev_user_id, dev_name, dev_roles;
  bool has_dev_roles = false;
  std::string_view peer;  // Numeric address of the connection's other end.
  // The audiences that a token for this resource may have where its issuer names none: "https://gw/adapters/x/mcp",
  // "https://gw". Also the key of what is cached, so one list per resource.
  const std::vector<std::string>* audiences = nullptr;
};

struct Refused {
  // missing: nothing said who it is. invalid: what was said is not accepted. unavailable: it cannot be verified now
  // (503). scope: valid, but without IssuerOptions::required_scopes.
  enum class Why { missing, invalid, unavailable, scope } why = Why::missing;
  std::string message;              // For the client and the log; no credentials.
  std::vector<std::string> scopes;  // Of Why::scope: all that are needed.
};

// Fetches keys anew for somebody who met a key id that he does not know. Thread-safe.
class KeyRefresh {
 public:
  virtual ~KeyRefresh() = default;
  // Completes on the caller's loop when the issuer's keys are newer than `generation`, when fetching them failed, or
  // after 5 seconds. Fetches are coalesced and bounded in number; who comes while one must wait, waits.
  virtual Task<StatePtr> newer_keys(Loop& loop, std::string issuer, std::uint64_t generation) = 0;
};

struct Counters {
  Counter token_hits;  // Answered from the cache.
  Counter verified;    // Signatures checked.
  Counter refused;
};

// Belongs to one worker. Remembers tokens that it verified (at most 10,000) until they expire, the issuer's keys or
// options change, or the state is replaced by one with other ones; keys that an issuer withdrew take their tokens with
// them.
class Authenticator {
 public:
  Authenticator(Loop& loop, KeyRefresh& refresh, Counters& counters);
  ~Authenticator();

  void apply(StatePtr state);
  const StatePtr& state() const { return state_; }

  // Completes at once except when keys have to be fetched. Without authentication it is the anonymous administrator.
  MaybeTask<std::expected<identity::PrincipalPtr, Refused>> authenticate(const Evidence& evidence);

 private:
  struct Cache;
  Loop& loop_;
  KeyRefresh& refresh_;
  Counters& counters_;
  StatePtr state_;
  std::unique_ptr<Cache> cache_;
};

}  // namespace gw::auth
