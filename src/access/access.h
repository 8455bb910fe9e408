// Who is calling and what may they do: the one place of a worker that the front and the data plane ask.
//
//   front:  identify(), on a router identify_by_gateway() ── 401, 403, 503 ──▶ client
//   proxy:  may_use() → looks_at_messages() → admit() → judge(), shows()
//
// Every decision that refuses, and those that allow where the audit wants them, is recorded before it takes effect.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/settings.h"
#include "audit/trail.h"
#include "auth/authenticator.h"
#include "auth/identity_signer.h"
#include "http/service.h"
#include "identity/ownership.h"
#include "limits/limiter.h"
#include "policy/policy.h"
#include "routing/route.h"
#include "runtime/maybe_task.h"

namespace gw::access {

struct Counters {
  auth::Counters auth;
  limits::Counters limits;
  Counter unauthenticated;  // Requests that nobody's identity came with, or one that was not accepted.
  Counter denied;           // By role, policy, capability header or scope.
  Counter unaudited;        // Refused because the audit trail could not take the record.
};

// One MCP message as far as access is concerned. Views are borrowed for the call.
struct Operation {
  std::string_view method;  // "tools/call"; empty when the body was not looked at.
  policy::ItemKind kind = policy::ItemKind::none;
  std::string_view item;                      // Decoded name or URI.
  std::optional<policy::Hints> hints;         // Of tools, where known.
  std::optional<std::string_view> arguments;  // Raw JSON.
};

// What a request was told. `need_scopes` becomes 403 with a challenge, `hidden` the answer that something gives that is
// not there, `unaudited` 503.
enum class Answer { allowed, hidden, need_scopes, unaudited };
struct Verdict {
  Answer answer = Answer::allowed;
  std::vector<std::string> scopes;  // Of need_scopes: all that the operation needs.
};

// Somebody's use of one adapter, for one request.
struct Use {
  const identity::Principal* who = nullptr;
  const routing::AdapterRoute* route = nullptr;
  // From the signed capability header; nothing when there is none and none is required.
  std::optional<auth::Capabilities> capabilities;
  bool refuses_items = false;  // The header is missing though it is required, or it cannot be verified.
  std::string request_id;      // Of the exchange, which may release its request.
  std::string client;          // Numeric address of the client.
};

// Belongs to one worker.
class Access {
 public:
  // `trail` may be null: no audit. All references outlive this.
  Access(Loop& loop, auth::KeyRefresh& refresh, limits::Limiter& limiter, audit::Trail* trail,
         const auth::IdentityKey& identity_key, Counters& counters);
  ~Access();

  void apply(SettingsPtr settings);
  const Settings& settings() const { return *settings_; }

  // Answers what anybody may ask: the metadata of resources, the keys of identity tokens. False when it is neither.
  Task<Result<bool>> answer_public(http::Exchange& exchange);

  // Sets exchange.caller. When that fails, the answer was given: true means go on.
  Task<Result<bool>> identify(http::Exchange& exchange);

  // The same on a router, where the gateway in front says who asks (caller_fields) and shows the secret that both have.
  // Sets exchange.client, too. 401 for everybody else.
  Task<Result<bool>> identify_by_gateway(http::Exchange& exchange, const SecretString& secret);

  // For REST: the limits of the caller, 429 answered when they are exceeded. `permit` is held while it is served.
  Task<Result<bool>> admit_rest(http::Exchange& exchange, limits::Permit& permit);

  // The role rules and the policy for the adapter as a whole. When they refuse: exactly what an adapter that does not
  // exist is answered with, except for missing scopes.
  Use begin(const http::Exchange& exchange, const routing::AdapterRoute& route) const;
  Verdict may_use(const Use& use);

  // Whether somebody who was let in may stay, by the present settings and the present route of the adapter.
  bool may_stay(const identity::Principal& who, const routing::AdapterRoute& route) const;
  // The same of what concerns no single adapter.
  bool recognizes(const identity::Principal& who) const;
  const SettingsPtr& current() const { return settings_; }

  // Whether messages of this use have to be read: for the policy, the limits of tools, the capability header or the
  // audit.
  bool looks_at_messages(const Use& use) const;
  // Whether lists in answers have to be filtered.
  bool filters_lists(const Use& use) const;
  bool looks_at_hints(const Use& use) const;

  // A token of every bucket, a place of every cap.
  MaybeTask<std::expected<limits::Permit, limits::Refused>> admit(const Use& use, std::string_view tool,
                                                                  bool long_lived);

  // One message that is about to be sent to the upstream; recorded.
  Verdict judge(const Use& use, const Operation& operation);
  // Whether a list may show the item. Not recorded.
  bool shows(const Use& use, policy::ItemKind kind, std::string_view item, std::optional<policy::Hints> hints) const;

  // The fields that identify the caller to an adapter which asks for that: "X-Mcp-UserId: …\r\n…". Empty for others.
  // Signing costs some 30 µs, so a token is used for half of its minute.
  std::string identity_fields(const identity::Principal& who, const routing::AdapterRoute& route);

  // "Bearer resource_metadata=…" for the resource that the exchange asks for. `error` empty: none was presented.
  std::string challenge(const http::Exchange& exchange, std::string_view error, std::string_view description,
                        const std::vector<std::string>& scopes) const;
  // 403 with the challenge that asks for these scopes.
  Task<Result<>> respond_insufficient_scope(http::Exchange& exchange, const std::vector<std::string>& scopes);
  // 429 with Retry-After.
  Task<Result<>> respond_limited(http::Exchange& exchange, const limits::Refused& refused);

 private:
  using Audiences = std::shared_ptr<const std::vector<std::string>>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  Audiences audiences_of(std::string_view path);
  bool is_anonymous(std::string_view path) const;
  void note_refusal(const http::Exchange& exchange, const auth::Refused& refused);
  Task<Result<>> respond_refused(http::Exchange& exchange, const auth::Refused& refused);

  Task<std::expected<limits::Permit, limits::Refused>> acquire(const Use& use, std::string_view tool, bool long_lived);
  void read_capabilities(const http::Exchange& exchange, Use& use) const;
  bool within_capabilities(const Use& use, policy::ItemKind kind, std::string_view item) const;
  policy::Decision decide(const Use& use, const Operation& operation) const;
  Verdict refuse(const Use& use, const Operation& operation, std::string_view rule, Answer answer,
                 std::vector<std::string> scopes);

  // False when the audit trail wants the record and cannot take it.
  bool record(audit::Record record);
  bool record_rest(const http::Exchange& exchange, std::string_view answer, std::string_view reason);
  audit::Record record_of(const Use& use, std::string_view action, std::string_view item, std::string_view answer,
                          std::string_view reason) const;

  Loop& loop_;
  limits::Limiter& limiter_;
  audit::Trail* trail_;
  const auth::IdentityKey& identity_key_;
  Counters& counters_;
  SettingsPtr settings_;
  auth::Authenticator authenticator_;
  std::unordered_map<std::string, Audiences, Hash, std::equal_to<>> audiences_;  // By path, as clients wrote it.
  Audiences origin_audiences_;                                                   // Of all paths but those.

  struct SignedIdentity {
    std::string token;
    std::int64_t until = 0;  // Unix time in seconds.
  };
  auth::IdentitySigner signer_;
  std::map<std::pair<std::string, std::string>, SignedIdentity> signed_;  // By caller and adapter.
};

// What a gateway tells a router of a request whose caller it knows: the secret, who asks and from where, and the signed
// filters that came with it. "X-Gateway-Secret: …\r\n…"
std::string caller_fields(const Settings& settings, const http::Exchange& exchange, const SecretString& secret);

// What is answered when the audit trail cannot take a record.
Error unaudited();

}  // namespace gw::access
