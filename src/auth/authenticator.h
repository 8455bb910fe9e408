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
#include "auth/token_cache.h"
#include "base/counter.h"
#include "net/address.h"
#include "runtime/loop.h"
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

// What a request says about its sender. Views into its header fields, which live until authenticate() has completed;
// empty where there is none.
struct Evidence {
  std::string_view repeated;  // The name of a field of evidence that is there more than once: it is refused.
  std::string_view authorization;
  std::string_view api_key;  // X-API-Key
  std::string_view gateway_secret, mcp_user_id, mcp_user_name, mcp_roles;
  std::string_view dev_user_id, dev_name, dev_roles;
  bool has_dev_roles = false;
  std::string_view peer;  // Numeric address of the connection's other end.
  // The audiences that a token for this resource may have where its issuer names none: "https://gw/adapters/x/mcp",
  // "https://gw". Null: none. Borrowed for the call only.
  const std::vector<std::string>* audiences = nullptr;
};

struct Refused {
  // missing: nothing said who it is. invalid: what was said is not accepted. unavailable: it cannot be verified now
  // (503). scope: valid, but without IssuerOptions::required_scopes.
  enum class Why { missing, invalid, unavailable, scope } why = Why::missing;
  std::string message;              // For the client and the log; no credentials.
  std::vector<std::string> scopes;  // Of Why::scope: all that are needed.
};

// Whether somebody who was recognized before would still be, as far as that can be told without his evidence: the way
// to authenticate, the issuer, the API key with its roles. Expiry is for the caller to compare.
bool still_recognizes(const State& state, const identity::Principal& who);

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
// them, and tokens of keys that stay, stay.
//
// What counts as evidence:
// * token: Authorization: Bearer with anything but an API key. Several Authorization fields are always refused.
// * api_key: Authorization: Bearer with "mcpg_…", or with anything where the pipeline has no `token`; X-API-Key.
// * trusted_header: X-Gateway-Secret. It needs X-Mcp-UserId beside it; X-Mcp-Roles is split at commas.
// * development: always. X-Dev-UserId else "dev"; X-Dev-Name else the id; X-Dev-Roles else "mcp.dev".
class Authenticator {
 public:
  using Outcome = std::expected<identity::PrincipalPtr, Refused>;

  Authenticator(Loop& loop, KeyRefresh& refresh, Counters& counters);
  ~Authenticator();

  // To be called before authenticate().
  void apply(StatePtr state);
  const StatePtr& state() const { return state_; }

  // Completes at once except when keys have to be fetched. Without authentication it is the anonymous administrator.
  MaybeTask<Outcome> authenticate(const Evidence& evidence);

 private:
  Outcome refuse(Refused::Why why, std::string message, std::vector<std::string> scopes = {});
  Outcome refuse(const Rejected& rejected, const IssuerOptions& issuer);

  MaybeTask<Outcome> by_token(std::string_view token, const Evidence& evidence);
  Outcome by_known_token(const TokenCache::Entry& known, const Evidence& evidence);
  Task<Outcome> by_newer_keys(std::string_view token, std::string issuer, std::uint64_t generation,
                              std::vector<std::string> audiences);
  std::expected<identity::PrincipalPtr, Rejected> verify_and_remember(std::string_view token, const Issuer& issuer,
                                                                      const std::vector<std::string>& audiences);
  Outcome by_api_key(std::string_view key);
  Outcome by_trusted_header(const Evidence& evidence);
  Outcome by_development(const Evidence& evidence);
  void drop_expired();

  Loop& loop_;
  KeyRefresh& refresh_;
  Counters& counters_;
  StatePtr state_;
  identity::PrincipalPtr anonymous_;
  TokenCache cache_;
  Timer sweep_;
};

}  // namespace gw::auth
