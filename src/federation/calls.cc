// Calls of one item: whether they may be made, and what they are answered with.
#include "base/strings.h"
#include "federation/meta_tools.h"
#include "federation/request_state.h"
#include "federation/results.h"
#include "federation/serve.h"
#include "mcp/json_text.h"
#include "peer/incoming.h"
#include "runtime/race.h"
#include "streamable/answer.h"

namespace gw::federation {
namespace {

using mcp::Message;
using policy::ItemKind;

Reply invalid_params(const Message& m, std::string why, mcp::Era era) {
  return error_reply(m.id, {mcp::code::invalid_params, std::move(why), {}}, era);
}

// Whether sending it twice is harmless, as far as the server says so.
bool is_repeatable(const Message& m, const Target& target) {
  if (m.method != "tools/call") return true;
  return target.item->hints.read_only || target.item->hints.idempotent;
}

std::string_view arguments_of(const Message& m) {
  return m.arguments.empty() ? std::string_view("{}") : m.arguments;
}

access::Operation operation_of(const Message& m, ItemKind kind, std::string_view item, const policy::Hints* hints) {
  access::Operation operation{.method = m.method, .kind = kind, .item = item};
  if (kind == ItemKind::tool && hints != nullptr) operation.hints = *hints;
  if (m.method == "tools/call") operation.arguments = arguments_of(m);
  return operation;
}

// Somebody asked for what he may not use: the audit should know, though the client is told that there is no such thing.
void note_refusal(Worker& worker, const Caller& caller, const Message& m) {
  const bool tool = m.method == "tools/call";
  const std::string_view raw = tool || m.method == "prompts/get" ? m.name : m.uri;
  if (!mcp::is_json_string(raw)) return;
  const catalogue::Kind kind = tool                        ? catalogue::Kind::tool
                               : m.method == "prompts/get" ? catalogue::Kind::prompt
                                                           : catalogue::Kind::resource;
  const catalogue::Item* const item = caller.snapshot().find(kind, mcp::json_unquote(raw));
  const auto route = item != nullptr ? worker.backends.route(item->adapter) : nullptr;
  if (route == nullptr || (caller.server != nullptr && !catalogue::selects(*caller.server, *item))) return;
  access::Use use = caller.use;
  use.route = route.get();
  if (worker.access.may_use(use).answer != access::Answer::allowed) return;
  worker.access.judge(use, operation_of(m, policy_kind(kind), item->upstream_name, &item->hints));
}

}  // namespace

Task<std::expected<CallPtr, Federation::Stopped>> Federation::prepare(http::Exchange& exchange, CallerPtr who,
                                                                      const Message& m) {
  const Caller& caller = *who;
  const auto told = [](Reply reply) { return std::unexpected(Stopped{std::move(reply), {}}); };
  Visibility visible(worker_.access, worker_.backends, caller);
  const bool meta = is_meta_tool(caller, m);
  auto target = meta ? std::unexpected(peer::Outcome::Failure()) : find_target(caller, visible, m);
  if (!target) {
    // Nobody's tool, so the rules of no server count.
    const auto admitted = co_await admit(exchange, caller, m.method, false);
    if (!admitted) co_return std::unexpected(Stopped{{}, std::unexpected(admitted.error())});
    if (!*admitted) co_return std::unexpected(Stopped{{}, {}});
    if (meta) co_return told(call_meta_tool(worker_, caller, m));
    note_refusal(worker_, caller, m);
    co_return told(error_reply(m.id, target.error(), caller.era));
  }
  const bool modern = caller.era == mcp::Era::modern;
  const bool is_tool = m.method == "tools/call";
  if (modern && is_tool) {
    const auto refusal = check_mirrored(*target->item->definition, m, exchange.request().fields);
    if (refusal) co_return told({refusal->body(), refusal->http_status});
  }
  const access::Use& use = visible.use_of(target->source);
  access::Verdict verdict = worker_.access.may_use(use);
  limits::Permit permit;
  if (verdict.answer == access::Answer::allowed) {
    auto admitted = co_await worker_.access.admit(use, is_tool ? std::string_view(target->upstream_name) : "", false);
    if (!admitted) {
      co_return std::unexpected(Stopped{{}, co_await worker_.access.respond_limited(exchange, admitted.error())});
    }
    permit = *std::move(admitted);
    const policy::Hints* hints = target->item != nullptr ? &target->item->hints : nullptr;
    verdict = worker_.access.judge(use, operation_of(m, target->kind, target->upstream_name, hints));
  }
  if (verdict.answer == access::Answer::hidden) {
    co_return told(error_reply(m.id, unknown_item(caller, visible, target->kind, target->name), caller.era));
  }
  if (verdict.answer != access::Answer::allowed) {
    co_return std::unexpected(Stopped{{}, co_await respond_refused(exchange, verdict)});
  }

  auto call = std::make_unique<Call>();
  call->caller = std::move(who);
  call->target = *std::move(target);
  call->id = m.id;
  call->progress_token = m.progress_token;
  call->permit = std::move(permit);
  peer::Ask& ask = call->ask;
  ask.client = caller.client;
  ask.method = m.method;
  ask.params = upstream_params(m, call->target);
  if (m.method != "completion/complete") ask.name = call->target.upstream_name;
  if (is_tool) ask.extra_fields = mirrored_fields(*call->target.item->definition, arguments_of(m));
  ask.identity_fields = worker_.access.identity_fields(*use.who, *use.route);
  ask.request_id = caller.use.request_id;
  ask.log_level = caller.log_level;
  ask.wants_progress = !m.progress_token.empty() && caller.may_stream;
  ask.repeatable = is_repeatable(m, call->target);
  if (modern && !m.log_level.empty()) {
    ask.log_level = mcp::is_json_string(m.log_level) ? mcp::json_unquote(m.log_level) : std::string();
    if (!peer::log_level_index(ask.log_level)) {
      co_return told(invalid_params(m, "Invalid params: the log level is none of the protocol's.", caller.era));
    }
  }
  const std::string_view state = modern ? mcp::json_member(ask.params, "requestState") : std::string_view();
  if (!state.empty()) {
    const auto own = unwrap_state(worker_.sealer, mcp::is_json_string(state) ? mcp::json_unquote(state) : std::string(),
                                  {.source = call->target.source,
                                   .user = caller.client->who->user,
                                   .method = m.method,
                                   .item = call->target.upstream_name},
                                  unix_now());
    if (!own) co_return told(invalid_params(m, own.error().message(), caller.era));
    ask.params = mcp::splice(ask.params, {{state, json_quote(*own)}});
  }
  co_return call;
}

Task<> Federation::deliver(CallPtr call, std::weak_ptr<streamable::Mailbox> box) {
  struct Ended {
    std::weak_ptr<streamable::Mailbox> box;
    ~Ended() {
      if (const auto open = box.lock()) open->end_call();
    }
  } const ended{box};
  worker_.counters.calls.add();
  std::optional<Reply> reply;
  if (call->caller->session) {
    Race<Reply> race(run_call(worker_, *call, box));
    const auto entry = worker_.shared.calls.add(call->caller->session->id, call->id, [&race] { race.call_off(); });
    reply = co_await race;
  } else {
    reply = co_await run_call(worker_, *call, box);
  }
  if (!reply) {
    worker_.counters.cancelled_calls.add();
  } else if (const auto open = box.lock()) {
    open->set_status(reply->status);
    open->put(std::move(reply->text));
  }
}

Task<Result<>> Federation::serve_call(http::Exchange& exchange, CallerPtr who, const Message& m) {
  const Caller& caller = *who;
  auto call = co_await prepare(exchange, who, m);
  if (call && m.method == "resources/subscribe") {
    const Reply subscribed = subscribe(caller, m);
    co_return co_await exchange.respond(subscribed.status, "application/json", subscribed.text);
  }
  std::vector<CallPtr> calls;
  if (call) {
    calls.push_back(*std::move(call));
    co_return co_await serve_calls(exchange, caller, std::move(calls), {});
  }
  if (!call.error().reply) co_return call.error().given;
  const Reply& reply = *call.error().reply;
  co_return co_await exchange.respond(reply.status, "application/json", reply.text);
}

bool Federation::may_watch(const Caller& caller, const std::string& uri) {
  Visibility visible(worker_.access, worker_.backends, caller);
  const auto target = find_resource(caller, visible, uri);
  const auto route = target ? worker_.backends.route(target->source) : nullptr;
  if (route == nullptr) return false;
  access::Use use = caller.use;
  use.route = route.get();
  const access::Operation operation{
      .method = "subscriptions/listen", .kind = ItemKind::resource, .item = target->upstream_name};
  return worker_.access.may_use(use).answer == access::Answer::allowed &&
         worker_.access.judge(use, operation).answer == access::Answer::allowed;
}

// A legacy client that leaves did not cancel its calls, so they go on; one of the modern era did.
Task<Result<>> Federation::serve_calls(http::Exchange& exchange, const Caller& caller, std::vector<CallPtr> calls,
                                       std::vector<Reply> replies) {
  const auto box = std::make_shared<streamable::Mailbox>(streamable::Mailbox::Ends::with_its_calls,
                                                         worker_.options().max_message * 2);
  std::optional<TaskGroup> own;
  const bool outlives = caller.session && running_.size() < worker_.options().max_calls;
  if (!outlives) own.emplace();
  box->begin_call();  // Keeps the box open until everything is in it.
  for (Reply& reply : replies) box->put(std::move(reply.text));
  for (CallPtr& call : calls) {
    box->begin_call();
    (own ? *own : running_).spawn("federation.call", deliver(std::move(call), box));
  }
  box->end_call();
  streamable::AnswerStyle style{.keepalive = worker_.options().keep_alive_interval, .allow_stream = caller.may_stream};
  co_return co_await streamable::answer_post(exchange, box, std::move(style));
}

Result<Wanted> wanted_by(std::string_view notifications, std::size_t max_uris) {
  if (!mcp::is_json_object(notifications)) {
    return fail(Errc::invalid, "Invalid params: notifications, which says what to listen for, is missing.");
  }
  Wanted wanted{.tools = mcp::json_member(notifications, "toolsListChanged") == "true",
                .prompts = mcp::json_member(notifications, "promptsListChanged") == "true",
                .resources = mcp::json_member(notifications, "resourcesListChanged") == "true",
                .uris = {}};
  const std::string_view list = mcp::json_member(notifications, "resourceSubscriptions");
  if (list.empty()) return wanted;
  if (!list.starts_with('[')) return fail(Errc::invalid, "Invalid params: resourceSubscriptions is no list.");
  mcp::JsonScanner json(list, 4);
  std::string_view raw;
  for (json.enter_array(); json.next_element();) {
    if (!json.take(raw) || !mcp::is_json_string(raw) || wanted.uris.size() == max_uris) {
      return fail(Errc::invalid, "Invalid params: resourceSubscriptions must hold at most {} addresses.", max_uris);
    }
    wanted.uris.insert(mcp::json_unquote(raw));
  }
  return wanted;
}

}  // namespace gw::federation
