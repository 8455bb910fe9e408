#include "access/access.h"

#include "access/resource.h"
#include "base/log.h"
#include "base/strings.h"
#include "http/target.h"
#include "runtime/time.h"

namespace gw::access {
namespace {

using policy::ItemKind;

// Of a path or an item that clients invent: longer ones would fill the trail, and nobody could do anything while it is
// full.
constexpr std::size_t max_recorded = 1000;

void shorten(std::string& text) {
  if (text.size() > max_recorded) text = printable(text, max_recorded);
}

std::int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
}

}  // namespace

Access::Access(Loop& loop, auth::KeyRefresh& refresh, limits::Limiter& limiter, audit::Trail* trail,
               const auth::IdentityKey& identity_key, Counters& counters)
    : loop_(loop),
      limiter_(limiter),
      trail_(trail),
      identity_key_(identity_key),
      counters_(counters),
      authenticator_(loop, refresh, counters.auth),
      signer_(identity_key) {}

Access::~Access() = default;

void Access::apply(SettingsPtr settings) {
  settings_ = std::move(settings);
  authenticator_.apply(settings_->auth);
  audiences_.clear();
  origin_audiences_ = std::make_shared<const std::vector<std::string>>(default_audiences(settings_->origin, ""));
}

Use Access::begin(const http::Exchange& exchange, const routing::AdapterRoute& route) const {
  Use use{.who = exchange.caller.get(), .route = &route};
  const bool asks = settings_->auth->capabilities != nullptr || settings_->auth->options.capabilities.required;
  if (asks) read_capabilities(exchange, use);
  // Also without a policy: there may be one when the messages are judged, and it may ask from where they come.
  use.client = client_address(*settings_, exchange);
  if (trail_ != nullptr) use.request_id = exchange.request_id;
  return use;
}

// More than one header, and a header that cannot be verified, allow nothing.
void Access::read_capabilities(const http::Exchange& exchange, Use& use) const {
  std::string_view token;
  std::size_t headers = 0;
  for (const http::Field& field : exchange.request().fields.all()) {
    if (field.known != http::Name::x_mcp_authorized && field.known != http::Name::x_authorized_tools) continue;
    token = field.value;
    ++headers;
  }
  const auth::State& auth = *settings_->auth;
  if (headers == 0) {
    use.refuses_items = auth.options.capabilities.required;
    return;
  }
  if (headers > 1 || auth.capabilities == nullptr) {
    use.refuses_items = true;
    return;
  }
  auto verified = auth.capabilities->verify(token, unix_seconds());
  if (verified) {
    use.capabilities = *std::move(verified);
    return;
  }
  use.refuses_items = true;
  log::debug("access.capabilities_refused", {{"request", exchange.request_id}, {"reason", verified.error().message()}});
}

policy::Decision Access::decide(const Use& use, const Operation& operation) const {
  return settings_->policy.decide({.who = use.who,
                                   .adapter = use.route->name,
                                   .kind = operation.kind,
                                   .item = operation.item,
                                   .hints = operation.hints,
                                   .arguments = operation.arguments,
                                   .network = use.client,
                                   .now = wall_now()});
}

bool Access::within_capabilities(const Use& use, ItemKind kind, std::string_view item) const {
  if (kind == ItemKind::none) return true;
  if (use.refuses_items || !use.capabilities) return !use.refuses_items;
  if (!use.capabilities->covers(kind)) return !settings_->auth->options.capabilities.required;
  return use.capabilities->allows(kind, use.route->name, item);
}

Verdict Access::may_use(const Use& use) {
  const std::string_view admin = settings_->auth->options.admin_role;
  if (!identity::may_read(*use.who, use.route->ownership, admin)) {
    return refuse(use, {}, "role", Answer::hidden, {});
  }
  if (settings_->policy.empty()) return {};
  auto decision = decide(use, {});
  if (decision.answer == policy::Answer::deny) return refuse(use, {}, decision.rule, Answer::hidden, {});
  if (decision.answer == policy::Answer::need_scopes) {
    return refuse(use, {}, decision.rule, Answer::need_scopes, std::move(decision.scopes));
  }
  return {};
}

bool Access::recognizes(const identity::Principal& who) const {
  return auth::still_recognizes(*settings_->auth, who);
}

bool Access::may_stay(const identity::Principal& who, const routing::AdapterRoute& route) const {
  if (!recognizes(who)) return false;
  if (!identity::may_read(who, route.ownership, settings_->auth->options.admin_role)) return false;
  return settings_->policy.decide({.who = &who, .adapter = route.name, .now = wall_now()}).answer !=
         policy::Answer::deny;
}

bool Access::looks_at_messages(const Use& use) const {
  return use.capabilities || use.refuses_items || trail_ != nullptr ||
         settings_->policy.looks_at_items(use.route->name) || limiter_.looks_at_tools(use.route->name) ||
         use.route->max_depth != 0;
}

bool Access::filters_lists(const Use& use) const {
  return use.capabilities || use.refuses_items || settings_->policy.looks_at_items(use.route->name);
}

bool Access::looks_at_hints(const Use& use) const {
  return settings_->policy.looks_at_hints(use.route->name);
}

MaybeTask<std::expected<limits::Permit, limits::Refused>> Access::admit(const Use& use, std::string_view tool,
                                                                        bool long_lived) {
  if (limiter_.idle()) return std::expected<limits::Permit, limits::Refused>();
  return acquire(use, tool, long_lived);
}

Task<std::expected<limits::Permit, limits::Refused>> Access::acquire(const Use& use, std::string_view tool,
                                                                     bool long_lived) {
  auto permit = co_await limiter_.acquire(loop_, {.who = use.who, .adapter = use.route->name, .tool = tool}, long_lived,
                                          counters_.limits);
  if (!permit) record(record_of(use, tool.empty() ? "" : "tools/call", tool, "limited", permit.error().rule));
  co_return permit;
}

Verdict Access::judge(const Use& use, const Operation& operation) {
  if (!within_capabilities(use, operation.kind, operation.item)) {
    return refuse(use, operation, "capabilities", Answer::hidden, {});
  }
  auto decision = decide(use, operation);
  if (decision.answer == policy::Answer::deny) return refuse(use, operation, decision.rule, Answer::hidden, {});
  if (decision.answer == policy::Answer::need_scopes) {
    return refuse(use, operation, decision.rule, Answer::need_scopes, std::move(decision.scopes));
  }
  if (!record(record_of(use, operation.method, operation.item, "allowed", decision.rule))) {
    counters_.unaudited.add();
    return {.answer = Answer::unaudited};
  }
  return {};
}

bool Access::shows(const Use& use, ItemKind kind, std::string_view item, std::optional<policy::Hints> hints) const {
  if (!within_capabilities(use, kind, item)) return false;
  // What only lacks a scope is shown: calling it tells which one.
  return decide(use, {.kind = kind, .item = item, .hints = hints}).answer != policy::Answer::deny;
}

Verdict Access::refuse(const Use& use, const Operation& operation, std::string_view rule, Answer answer,
                       std::vector<std::string> scopes) {
  counters_.denied.add();
  record(record_of(use, operation.method, operation.item, "denied", rule));
  return {.answer = answer, .scopes = std::move(scopes)};
}

bool Access::record(audit::Record record) {
  if (trail_ == nullptr || !trail_->wants(record)) return true;
  shorten(record.action);
  shorten(record.item);
  return trail_->record(std::move(record)).has_value();
}

audit::Record Access::record_of(const Use& use, std::string_view action, std::string_view item, std::string_view answer,
                                std::string_view reason) const {
  if (trail_ == nullptr) return {};
  return {.kind = audit::Kind::decision,
          .user = use.who->user,
          .method = std::string(identity::to_string(use.who->method)),
          .client = use.client,
          .action = std::string(action.empty() ? "mcp" : action),
          .adapter = use.route->name,
          .item = std::string(item),
          .answer = std::string(answer),
          .reason = std::string(reason),
          .request = use.request_id};
}

}  // namespace gw::access
