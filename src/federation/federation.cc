#include "federation/federation.h"

#include "base/check.h"
#include "base/strings.h"
#include "federation/change_stream.h"
#include "federation/front.h"
#include "federation/lists.h"
#include "federation/results.h"
#include "federation/serve.h"
#include "http/target.h"
#include "mcp/json_text.h"
#include "runtime/race.h"
#include "streamable/answer.h"

namespace gw::federation {
namespace {

using mcp::Kind;
using mcp::Message;
using streamable::transport_error;

constexpr std::string_view server_field = "x-mcp-virtualserver";

// Rules that name no adapter, for what concerns none: lists, sessions.
const routing::AdapterRoute everything;

std::optional<std::string_view> value_of(const http::Fields& fields, http::Name name) {
  if (!fields.has(name)) return {};
  return fields.get(name);
}

std::string capability_fields(const http::Fields& fields) {
  std::string text;
  for (const http::Field& field : fields.all()) {
    if (field.known == http::Name::x_mcp_authorized || field.known == http::Name::x_authorized_tools) {
      text.append(field.value).append("\n");
    }
  }
  return text;
}

mcp::Refusal no_server(const Caller& caller, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [known, server] : caller.offer->virtual_servers) names.push_back(known);
  const auto near = nearest(name, names);
  const std::string shown = printable(name, 80);
  return transport_error(404, near ? fmt::format("There is no virtual server '{}'; did you mean '{}'?", shown, *near)
                                   : fmt::format("There is no virtual server '{}'.", shown));
}

}  // namespace

Federation::Federation(Deps deps)
    : worker_(deps.access, deps.backends, deps.shared, std::move(deps.sealer), deps.counters) {}

Federation::~Federation() = default;

bool Federation::serves(std::string_view path) {
  return server_of_path(path).has_value();
}

void Federation::apply(OfferPtr offer) {
  worker_.offer = std::move(offer);
  reconsider();
}

void Federation::reconsider() {
  worker_.views.clear();
  worker_.changed.pulse();
}

std::expected<std::shared_ptr<Caller>, mcp::Refusal> Federation::make_caller(const http::Exchange& exchange) const {
  const http::RequestHead& head = exchange.request();
  auto made = std::make_shared<Caller>();
  Caller& caller = *made;
  caller.offer = worker_.offer;
  caller.use = worker_.access.begin(exchange, everything);
  caller.use.request_id = exchange.request_id;
  caller.by_gateway = !exchange.client.empty();
  caller.capabilities = capability_fields(head.fields);
  caller.may_stream = streamable::accepts(head.fields, "text/event-stream");
  std::string name = server_of_path(head.path).value_or("");
  if (name.empty()) name = head.fields.get(server_field);
  if (!name.empty()) {
    const auto found = caller.offer->virtual_servers.find(name);
    if (found == caller.offer->virtual_servers.end()) return std::unexpected(no_server(caller, name));
    caller.server = &found->second;
  }
  return made;
}

Task<> Federation::first_offer() {
  while (worker_.offer == nullptr) co_await worker_.changed;
}

Task<Result<>> Federation::handle(http::Exchange& exchange) {
  if (worker_.offer == nullptr) co_await with_timeout(worker_.options().patience_at_start, first_offer());
  if (worker_.offer == nullptr) {
    co_return co_await streamable::answer_refusal(exchange, transport_error(503, "The gateway is starting."));
  }
  GW_CHECK(exchange.caller != nullptr, exchange.request().path);
  auto caller = make_caller(exchange);
  if (!caller) co_return co_await streamable::answer_refusal(exchange, caller.error());
  switch (exchange.request().method) {
    case http::Method::post: co_return co_await serve_post(exchange, *std::move(caller));
    case http::Method::get: co_return co_await serve_stream(exchange, **caller);
    case http::Method::del: co_return co_await end_session(exchange, **caller);
    default: co_return co_await streamable::answer_wrong_method(exchange, "GET, POST, DELETE");
  }
}

Task<Result<bool>> Federation::admit(http::Exchange& exchange, const Caller& caller, std::string_view method,
                                     bool long_lived) {
  const auto permit = co_await worker_.access.admit(caller.use, {}, long_lived);
  if (!permit) {
    GW_CO_TRY_OK(co_await worker_.access.respond_limited(exchange, permit.error()));
    co_return false;
  }
  const access::Verdict verdict = worker_.access.judge(caller.use, {.method = method});
  if (verdict.answer == access::Answer::allowed) co_return true;
  GW_CO_TRY_OK(co_await respond_refused(exchange, verdict));
  co_return false;
}

Task<Result<>> Federation::respond_refused(http::Exchange& exchange, const access::Verdict& verdict) {
  switch (verdict.answer) {
    case access::Answer::need_scopes: return worker_.access.respond_insufficient_scope(exchange, verdict.scopes);
    case access::Answer::unaudited:
      return streamable::answer_refusal(exchange, transport_error(503, access::unaudited().message()));
    default: return streamable::answer_refusal(exchange, transport_error(403, "You may not use this server."));
  }
}

Task<Result<>> Federation::serve_post(http::Exchange& exchange, std::shared_ptr<Caller> caller) {
  const http::Fields& fields = exchange.request().fields;
  if (!http::is_media_type(fields.get(http::Name::content_type), "application/json")) {
    co_return co_await streamable::answer_refusal(
        exchange, transport_error(415, "The header Content-Type must be application/json."));
  }
  if (!caller->may_stream && !streamable::accepts(fields, "application/json")) {
    co_return co_await streamable::answer_refusal(
        exchange, transport_error(406, "The header Accept must allow application/json and text/event-stream."));
  }
  const mcp::MirrorHeaders headers{value_of(fields, http::Name::mcp_protocol_version),
                                   value_of(fields, http::Name::mcp_method), value_of(fields, http::Name::mcp_name)};
  GW_CO_TRY(const std::string body, co_await exchange.read_whole_body(worker_.options().max_message));
  const auto message = mcp::scan(body, {.max_bytes = worker_.options().max_message});
  if (!message) co_return co_await streamable::answer_refusal(exchange, message.error());
  const auto era = mcp::classify(*message, headers);
  if (!era) co_return co_await streamable::answer_refusal(exchange, era.error());
  caller->era = *era;
  if (*era == mcp::Era::modern) co_return co_await serve_modern(exchange, std::move(caller), headers, *message);
  co_return co_await serve_legacy(exchange, std::move(caller), headers, *message);
}

Task<Result<>> Federation::serve_modern(http::Exchange& exchange, std::shared_ptr<Caller> caller,
                                        const mcp::MirrorHeaders& headers, const Message& m) {
  if (auto refusal = mcp::check_modern(m, headers)) {
    co_return co_await streamable::answer_refusal(exchange, *std::move(refusal));
  }
  // The revision has no notifications that clients send over HTTP.
  if (m.kind != Kind::request) co_return co_await streamable::answer_accepted(exchange);
  worker_.counters.requests.add();
  caller->client = std::make_shared<const peer::Client>(peer::Client{.who = exchange.caller,
                                                                     .capabilities = std::string(m.client_capabilities),
                                                                     .info = std::string(m.client_info),
                                                                     .address = caller->use.client,
                                                                     .session = {}});
  const auto what = what_of(m.method, mcp::Era::modern);
  if (what == What::call) co_return co_await serve_call(exchange, std::move(caller), m);
  GW_CO_TRY(const bool admitted, co_await admit(exchange, *caller, m.method, what == What::listen));
  if (!admitted) co_return Result<>();
  if (what == What::listen) co_return co_await serve_listen(exchange, *caller, m);
  const Reply reply = answer_here(*caller, m);
  co_return co_await exchange.respond(reply.status, "application/json", reply.text);
}

Reply Federation::answer_here(const Caller& caller, const Message& m) {
  using catalogue::Kind;
  const auto what = what_of(m.method, caller.era);
  if (!what)
    return error_reply(m.id, {mcp::code::method_not_found, "Method not found: " + printable(m.method, 80), {}},
                       caller.era);
  switch (*what) {
    case What::ping: return result_reply(m.id, "{}");
    case What::discover: return result_reply(m.id, discover_result(worker_, caller));
    case What::list_tools: return list_reply(worker_, caller, Kind::tool, m);
    case What::list_prompts: return list_reply(worker_, caller, Kind::prompt, m);
    case What::list_resources: return list_reply(worker_, caller, Kind::resource, m);
    case What::list_templates: return list_reply(worker_, caller, Kind::resource_template, m);
    case What::set_log_level: return set_log_level(caller, m);
    case What::unsubscribe: return unsubscribe(caller, m);
    case What::initialize:
    case What::call:
    case What::subscribe:
    case What::listen: break;
  }
  GW_CHECK(false, m.method);
}

Task<Result<>> Federation::serve_listen(http::Exchange& exchange, const Caller& caller, const Message& m) {
  auto wanted = wanted_by(m.notifications, worker_.options().max_subscriptions);
  if (!wanted) {
    const Reply reply = error_reply(m.id, {mcp::code::invalid_params, wanted.error().message(), {}}, caller.era);
    co_return co_await exchange.respond(reply.status, "application/json", reply.text);
  }
  std::erase_if(wanted->uris, [&](const std::string& uri) { return !may_watch(caller, uri); });
  const std::string id(m.id);
  const auto box =
      std::make_shared<streamable::Mailbox>(streamable::Mailbox::Ends::when_told, worker_.options().max_message);
  ChangeStream changes(worker_, caller, *std::move(wanted), id, box);
  const std::string meta = fmt::format(R"("_meta":{{"io.modelcontextprotocol/subscriptionId":{}}})", id);
  box->put(fmt::format(
      R"({{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{{"notifications":{},{}}}}})",
      changes.honoured(), meta));
  changes.start();
  co_return co_await streamable::answer_stream(
      exchange, box, worker_.options().keep_alive_interval, {},
      mcp::result_response(id, fmt::format(R"({{"resultType":"complete",{}}})", meta)));
}

}  // namespace gw::federation
