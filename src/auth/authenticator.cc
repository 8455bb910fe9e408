#include "auth/authenticator.h"

#include <algorithm>

#include <fmt/core.h>

#include "auth/user.h"
#include "base/check.h"
#include "base/strings.h"

namespace gw::auth {
namespace {

using identity::Principal;
using identity::PrincipalPtr;

constexpr Duration sweep_interval = std::chrono::minutes(1);
constexpr std::string_view development_user = "dev";
constexpr std::string_view development_role = "mcp.dev";
const std::vector<std::string> no_audiences;

std::int64_t unix_now() {
  return std::chrono::floor<std::chrono::seconds>(wall_now()).time_since_epoch().count();
}

// What follows "Bearer" in the field; nothing when it has another scheme.
std::optional<std::string_view> bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "Bearer";
  if (!iequals(authorization.substr(0, scheme.size()), scheme)) return {};
  const std::string_view rest = authorization.substr(scheme.size());
  if (!rest.empty() && rest.front() != ' ') return {};
  return trim(rest);
}

bool has_way(const State& state, Way way) {
  return std::ranges::find(state.pipeline, way) != state.pipeline.end();
}

bool is_api_key(std::string_view credentials, const State& state) {
  return credentials.starts_with("mcpg_") || !has_way(state, Way::token);
}

std::optional<std::string_view> token_of(const Evidence& evidence, const State& state) {
  const auto credentials = bearer(evidence.authorization);
  return credentials && !is_api_key(*credentials, state) ? credentials : std::nullopt;
}

std::optional<std::string_view> api_key_of(const Evidence& evidence, const State& state) {
  if (!evidence.api_key.empty()) return evidence.api_key;
  const auto credentials = bearer(evidence.authorization);
  return credentials && is_api_key(*credentials, state) ? credentials : std::nullopt;
}

std::vector<std::string> roles_of(std::string_view list) {
  const auto parts = split_list(list, ',');
  return {parts.begin(), parts.end()};
}

const Issuer* issuer_of(const State& state, std::string_view name) {
  const auto found =
      std::ranges::find_if(state.issuers, [&](const Issuer& issuer) { return issuer.options.issuer == name; });
  return found != state.issuers.end() ? &*found : nullptr;
}

const std::vector<std::string>& accepted_audiences(const Issuer& issuer, const std::vector<std::string>& of_resource) {
  return issuer.options.audiences.empty() ? of_resource : issuer.options.audiences;
}

// The keys of `before` that `after` still has for an issuer of the same options.
TokenCache::Survivors survivors(const State& before, const State& after) {
  TokenCache::Survivors same;
  for (const Issuer& old : before.issuers) {
    const Issuer* issuer = issuer_of(after, old.options.issuer);
    if (issuer == nullptr || issuer->options != old.options || !issuer->keys || !old.keys) continue;
    for (const std::string& id : old.keys->ids()) {
      for (const KeySet::Key* key : old.keys->find(id)) {
        if (const KeySet::Key* mine = issuer->keys->same(*key)) same.emplace(key, mine);
      }
    }
  }
  return same;
}

// Whether a user of `issuer` would be taken for one of another issuer, whose prefix is longer.
bool is_of_another(const State& state, std::string_view user, const IssuerOptions& issuer) {
  return std::ranges::any_of(state.issuers, [&](const Issuer& other) {
    const std::string& prefix = other.options.user_prefix;
    return prefix.size() > issuer.user_prefix.size() && user.starts_with(prefix);
  });
}

// Whether fetching keys may turn the rejection into something better.
bool needs_newer_keys(const std::expected<PrincipalPtr, Rejected>& outcome) {
  return !outcome && outcome.error().flaw == Flaw::unknown_key;
}

}  // namespace

bool still_recognizes(const State& state, const identity::Principal& who) {
  using identity::Method;
  switch (who.method) {
    case Method::none: return !state.options.enabled();
    case Method::token:
      return has_way(state, Way::token) && std::ranges::any_of(state.issuers, [&](const Issuer& issuer) {
               return issuer.options.issuer == who.issuer;
             });
    case Method::api_key: return has_way(state, Way::api_key) && state.api_keys && state.api_keys->has(who);
    case Method::trusted_header: return has_way(state, Way::trusted_header);
    case Method::development: return has_way(state, Way::development);
  }
  return false;
}

Authenticator::Authenticator(Loop& loop, KeyRefresh& refresh, Counters& counters)
    : loop_(loop), refresh_(refresh), counters_(counters), sweep_(loop, [this] { drop_expired(); }) {}

Authenticator::~Authenticator() = default;

void Authenticator::apply(StatePtr state) {
  GW_CHECK(state != nullptr);
  if (state_) cache_.keep_only(survivors(*state_, *state));
  state_ = std::move(state);
  anonymous_ = std::make_shared<const Principal>(
      Principal{.user = std::string(anonymous_user), .roles = {state_->options.admin_role}});
}

void Authenticator::drop_expired() {
  cache_.drop_expired(unix_now());
  if (cache_.size() > 0) sweep_.arm(steady_now() + sweep_interval);
}

Authenticator::Outcome Authenticator::refuse(Refused::Why why, std::string message, std::vector<std::string> scopes) {
  counters_.refused.add();
  return std::unexpected(Refused{why, std::move(message), std::move(scopes)});
}

Authenticator::Outcome Authenticator::refuse(const Rejected& rejected, const IssuerOptions& issuer) {
  if (rejected.flaw != Flaw::scope) return refuse(Refused::Why::invalid, rejected.message);
  return refuse(Refused::Why::scope, rejected.message, issuer.required_scopes);
}

MaybeTask<Authenticator::Outcome> Authenticator::authenticate(const Evidence& evidence) {
  GW_CHECK(state_ != nullptr);
  const State& state = *state_;
  if (!state.options.enabled()) return Outcome(anonymous_);
  if (!evidence.repeated.empty()) {
    return refuse(Refused::Why::invalid, fmt::format("the request has more than one field {}", evidence.repeated));
  }
  for (const Way way : state.pipeline) {
    switch (way) {
      case Way::token:
        if (const auto token = token_of(evidence, state)) return by_token(*token, evidence);
        break;
      case Way::api_key:
        if (const auto key = api_key_of(evidence, state)) return by_api_key(*key);
        break;
      case Way::trusted_header:
        if (!evidence.gateway_secret.empty()) return by_trusted_header(evidence);
        break;
      case Way::development: return by_development(evidence);
    }
  }
  return refuse(Refused::Why::missing, "the request does not say who sent it");
}

MaybeTask<Authenticator::Outcome> Authenticator::by_token(std::string_view token, const Evidence& evidence) {
  if (const auto* known = cache_.find(token, unix_now())) return by_known_token(*known, evidence);
  const auto unverified = peek(token);
  if (!unverified) return refuse(Refused::Why::invalid, unverified.error().message);
  const Issuer* issuer = issuer_of(*state_, unverified->issuer);
  if (issuer == nullptr) return refuse(Refused::Why::invalid, "the token's issuer is not trusted here");
  const auto& audiences = evidence.audiences != nullptr ? *evidence.audiences : no_audiences;
  const auto outcome = verify_and_remember(token, *issuer, audiences);
  if (needs_newer_keys(outcome)) return by_newer_keys(token, issuer->options.issuer, issuer->generation, audiences);
  if (!outcome) return refuse(outcome.error(), issuer->options);
  return Outcome(*outcome);
}

Authenticator::Outcome Authenticator::by_known_token(const TokenCache::Entry& known, const Evidence& evidence) {
  if (!known.audiences.empty() &&
      !meant_for(known.audiences, evidence.audiences != nullptr ? *evidence.audiences : no_audiences)) {
    return refuse(Refused::Why::invalid, "the token is for somebody else");
  }
  counters_.token_hits.add();
  return known.principal;
}

Task<Authenticator::Outcome> Authenticator::by_newer_keys(std::string_view token, std::string issuer,
                                                          std::uint64_t generation,
                                                          std::vector<std::string> audiences) {
  StatePtr newer = co_await refresh_.newer_keys(loop_, issuer, generation);
  if (!newer) newer = state_;
  const Issuer* now = issuer_of(*newer, issuer);
  if (now == nullptr) co_return refuse(Refused::Why::invalid, "the token's issuer is not trusted here");
  const auto outcome = verify_and_remember(token, *now, audiences);
  if (needs_newer_keys(outcome) && (!now->keys || !now->problem.empty())) {
    co_return refuse(Refused::Why::unavailable, "the keys of the token's issuer cannot be fetched now");
  }
  if (!outcome) co_return refuse(outcome.error(), now->options);
  co_return *outcome;
}

std::expected<PrincipalPtr, Rejected> Authenticator::verify_and_remember(std::string_view token, const Issuer& issuer,
                                                                         const std::vector<std::string>& audiences) {
  if (!issuer.keys) return std::unexpected(Rejected{Flaw::unknown_key, "no keys of the token's issuer are known"});
  counters_.verified.add();
  auto verified = verify(token, issuer.options, *issuer.keys, accepted_audiences(issuer, audiences), unix_now());
  if (!verified) return std::unexpected(std::move(verified).error());
  if (is_of_another(*state_, verified->principal.user, issuer.options)) {
    return std::unexpected(Rejected{Flaw::claims, "the token's user has the prefix of another issuer's users"});
  }
  auto principal = std::make_shared<const Principal>(std::move(verified->principal));
  // A newer state than this worker's has keys that apply() would not know.
  const Issuer* mine = issuer_of(*state_, issuer.options.issuer);
  if (mine != nullptr && mine->keys == issuer.keys && mine->options == issuer.options) {
    if (!issuer.options.audiences.empty()) verified->audiences.clear();
    cache_.insert({SecretString(std::string(token)), principal, std::move(verified->audiences), verified->key});
    if (!sweep_.armed()) sweep_.arm(steady_now() + sweep_interval);
  }
  return principal;
}

Authenticator::Outcome Authenticator::by_api_key(std::string_view key) {
  PrincipalPtr who = state_->api_keys ? state_->api_keys->find(key, wall_now()) : nullptr;
  if (!who) return refuse(Refused::Why::invalid, "the API key is unknown or has expired");
  return who;
}

Authenticator::Outcome Authenticator::by_trusted_header(const Evidence& evidence) {
  const State& state = *state_;
  const bool from_there =
      state.trusted_networks.empty() ||
      std::ranges::any_of(state.trusted_networks, [&](const auto& network) { return network.contains(evidence.peer); });
  const bool knows_secret = !state.trusted_secret.empty() && state.trusted_secret.matches(evidence.gateway_secret);
  if (!from_there || !knows_secret) {
    return refuse(Refused::Why::invalid, "X-Gateway-Secret is wrong, or the sender may not use it");
  }
  const std::string_view user = trim(evidence.mcp_user_id);
  if (!may_be_user(user)) return refuse(Refused::Why::invalid, "X-Mcp-UserId is missing, or is not a user's id");
  return std::make_shared<const Principal>(Principal{.method = identity::Method::trusted_header,
                                                     .user = std::string(user),
                                                     .name = std::string(trim(evidence.mcp_user_name)),
                                                     .roles = roles_of(evidence.mcp_roles)});
}

Authenticator::Outcome Authenticator::by_development(const Evidence& evidence) {
  const std::string_view given = trim(evidence.dev_user_id);
  const std::string_view user = given.empty() ? development_user : given;
  if (!may_be_user(user)) return refuse(Refused::Why::invalid, "X-Dev-UserId is not a user's id");
  const std::string_view name = trim(evidence.dev_name);
  Principal who{.method = identity::Method::development,
                .user = std::string(user),
                .name = std::string(name.empty() ? user : name),
                .roles = roles_of(evidence.dev_roles)};
  // As Microsoft's gateway: nothing but commas is no list, blanks between them are a list without roles.
  const bool no_list = evidence.dev_roles.find_first_not_of(',') == std::string_view::npos;
  if (!evidence.has_dev_roles || no_list) who.roles = {std::string(development_role)};
  return std::make_shared<const Principal>(std::move(who));
}

}  // namespace gw::auth
