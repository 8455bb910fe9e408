// Who asks, and the answers for those of whom that is not known.
#include <algorithm>

#include <fmt/core.h>

#include "access/access.h"
#include "access/resource.h"
#include "base/log.h"
#include "base/strings.h"
#include "http/problem.h"

namespace gw::access {
namespace {

using http::Name;

constexpr std::size_t max_remembered_resources = 10'000;

// Null for fields that are no evidence.
std::string_view* place_of(Name name, auth::Evidence& evidence) {
  switch (name) {
    case Name::authorization: return &evidence.authorization;
    case Name::x_api_key: return &evidence.api_key;
    case Name::x_gateway_secret: return &evidence.gateway_secret;
    case Name::x_mcp_userid: return &evidence.mcp_user_id;
    case Name::x_mcp_username: return &evidence.mcp_user_name;
    case Name::x_mcp_roles: return &evidence.mcp_roles;
    case Name::x_dev_userid: return &evidence.dev_user_id;
    case Name::x_dev_name: return &evidence.dev_name;
    case Name::x_dev_roles: return &evidence.dev_roles;
    default: return nullptr;
  }
}

auth::Evidence evidence_of(const http::Exchange& exchange) {
  const http::Fields& fields = exchange.request().fields;
  auth::Evidence evidence;
  evidence.peer = exchange.peer().address;
  evidence.has_dev_roles = fields.has(Name::x_dev_roles);
  for (const http::Field& field : fields.all()) {
    std::string_view* const place = place_of(field.known, evidence);
    if (place == nullptr) continue;
    *place = field.value;
    if (fields.count(field.known) > 1) evidence.repeated = field.name;
  }
  return evidence;
}

bool is_probe(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/ping";
}

// RFC 9110 section 5.6.4. What comes from outside is made harmless, not escaped: clients parse this badly enough.
std::string quoted_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += c < ' ' || c > '~' || c == '"' || c == '\\' ? '\'' : c;
  return out + '"';
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

}  // namespace

// Clients can drive the size of the map with invented names; then it begins anew. Paths that name no endpoint may be as
// long as a header, and none of them is remembered.
Access::Audiences Access::audiences_of(std::string_view path) {
  const auto known = audiences_.find(path);
  if (known != audiences_.end()) return known->second;
  const std::string resource = resource_path(path);
  if (resource.empty()) return origin_audiences_;
  if (audiences_.size() >= max_remembered_resources) audiences_.clear();
  const auto made = default_audiences(settings_->origin, resource);
  return audiences_.emplace(path, std::make_shared<const std::vector<std::string>>(made)).first->second;
}

Task<Result<bool>> Access::answer_public(http::Exchange& exchange) {
  const http::RequestHead& request = exchange.request();
  if (!request.path.starts_with("/.well-known/")) co_return false;
  auto document = metadata_document(*settings_, request.path);
  if (request.path == "/.well-known/jwks.json") document = identity_key_.key_set;
  if (!document) {
    GW_CO_TRY_OK(co_await http::respond_problem(exchange, Error(Errc::not_found, "there is no such metadata")));
    co_return true;
  }
  exchange.answer_fields = "Access-Control-Allow-Origin: *\r\nCache-Control: max-age=300\r\n";
  if (request.method == http::Method::options) {
    exchange.answer_fields += "Access-Control-Allow-Methods: GET\r\nAccess-Control-Allow-Headers: *\r\n";
    GW_CO_TRY_OK(co_await exchange.respond(204, "", ""));
    co_return true;
  }
  GW_CO_TRY_OK(co_await exchange.respond(200, "application/json", *document));
  co_return true;
}

Task<Result<bool>> Access::identify(http::Exchange& exchange) {
  const std::string_view path = exchange.request().path;
  auth::Evidence evidence = evidence_of(exchange);
  const Audiences audiences = audiences_of(path);
  evidence.audiences = audiences.get();
  auto who = co_await authenticator_.authenticate(evidence);
  if (who) {
    exchange.caller = *std::move(who);
    co_return true;
  }
  if (is_probe(path) || is_anonymous(path)) {
    exchange.caller = std::make_shared<const identity::Principal>();
    co_return true;
  }
  const auth::Refused& refused = who.error();
  counters_.unauthenticated.add();
  note_refusal(exchange, refused);
  GW_CO_TRY_OK(co_await respond_refused(exchange, refused));
  co_return false;
}

bool Access::is_anonymous(std::string_view path) const {
  return std::ranges::find(settings_->auth->options.anonymous_paths, path) !=
         settings_->auth->options.anonymous_paths.end();
}

void Access::note_refusal(const http::Exchange& exchange, const auth::Refused& refused) {
  const http::RequestHead& request = exchange.request();
  log::debug("access.unauthenticated", {{"request", exchange.request_id},
                                        {"peer", exchange.peer().address},
                                        {"path", printable(request.path, 200)},
                                        {"reason", refused.message}});
  if (trail_ == nullptr) return;
  record({.kind = audit::Kind::decision,
          .client = std::string(client_address(*settings_, exchange)),
          .action = fmt::format("{} {}", request.method_text, request.path),
          .answer = "unauthenticated",
          .reason = refused.message,
          .request = exchange.request_id});
}

Task<Result<>> Access::respond_refused(http::Exchange& exchange, const auth::Refused& refused) {
  using Why = auth::Refused::Why;
  if (refused.why == Why::scope) co_return co_await respond_insufficient_scope(exchange, refused.scopes);
  if (refused.why == Why::unavailable) {
    exchange.answer_fields += "Retry-After: 5\r\n";
    co_return co_await http::respond_problem(exchange, Error(Errc::unavailable, refused.message));
  }
  const bool presented = refused.why == Why::invalid;
  const std::string challenged = challenge(exchange, presented ? "invalid_token" : "", presented ? refused.message : "",
                                           settings_->auth->options.resource.scopes);
  exchange.answer_fields += "WWW-Authenticate: " + challenged + "\r\n";
  co_return co_await http::respond_problem(exchange, Error(Errc::unauthenticated, refused.message));
}

std::string Access::challenge(const http::Exchange& exchange, std::string_view error, std::string_view description,
                              const std::vector<std::string>& scopes) const {
  std::string text = "Bearer ";
  if (!error.empty()) text += fmt::format("error={}, ", quoted_string(error));
  if (!description.empty()) text += fmt::format("error_description={}, ", quoted_string(description));
  if (!scopes.empty()) text += fmt::format("scope={}, ", quoted_string(joined(scopes)));
  const std::string resource = resource_path(exchange.request().path);
  return text + fmt::format("resource_metadata={}", quoted_string(metadata_url(settings_->origin, resource)));
}

Task<Result<>> Access::respond_insufficient_scope(http::Exchange& exchange, const std::vector<std::string>& scopes) {
  exchange.answer_fields += fmt::format("WWW-Authenticate: {}\r\n",
                                        challenge(exchange, "insufficient_scope", "the token lacks a scope", scopes));
  co_return co_await http::respond_problem(
      exchange, Error(Errc::forbidden, fmt::format("this needs a token with the scopes: {}", joined(scopes))));
}

Task<Result<>> Access::respond_limited(http::Exchange& exchange, const limits::Refused& refused) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(refused.retry_after).count();
  exchange.answer_fields += fmt::format("Retry-After: {}\r\n", std::max<std::int64_t>(1, seconds));
  co_return co_await http::respond_problem(exchange, refused.error);
}

Task<Result<bool>> Access::admit_rest(http::Exchange& exchange, limits::Permit& permit) {
  const http::RequestHead& request = exchange.request();
  if (!limiter_.idle()) {
    auto admitted = co_await limiter_.acquire(loop_, {.who = exchange.caller.get()}, false, counters_.limits);
    if (!admitted) {
      record_rest(exchange, "limited", admitted.error().rule);
      GW_CO_TRY_OK(co_await respond_limited(exchange, admitted.error()));
      co_return false;
    }
    permit = *std::move(admitted);
  }
  if (is_probe(request.path) || record_rest(exchange, "allowed", "")) co_return true;
  counters_.unaudited.add();
  GW_CO_TRY_OK(co_await http::respond_problem(exchange, unaudited()));
  co_return false;
}

bool Access::record_rest(const http::Exchange& exchange, std::string_view answer, std::string_view reason) {
  if (trail_ == nullptr) return true;
  const http::RequestHead& request = exchange.request();
  return record({.kind = audit::Kind::decision,
                 .user = exchange.caller->user,
                 .method = std::string(identity::to_string(exchange.caller->method)),
                 .client = std::string(client_address(*settings_, exchange)),
                 .action = fmt::format("{} {}", request.method_text, request.path),
                 .answer = std::string(answer),
                 .reason = std::string(reason),
                 .request = exchange.request_id});
}

Error unaudited() {
  return {Errc::unavailable,
          "the audit trail cannot take records at present, so nothing is allowed; try again, or ask the operator"};
}

}  // namespace gw::access
