#include "peer/legacy_exchange.h"

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"

namespace gw::peer {
namespace {

constexpr std::size_t max_server_requests = 64;  // At once, of one call.
constexpr Duration usual_retry = std::chrono::seconds(1);

Error lost_session() {
  return {Errc::unavailable, "the server does not know the session any more"};
}

// Servers that answer 400 to an unknown session say so in words only.
bool speaks_of_session(const Outcome& outcome) {
  if (!outcome.failed || (outcome.failed->code != -32000 && outcome.failed->code != -32001)) return false;
  const std::string text = to_lower(outcome.failed->message);
  return text.find("session") != std::string::npos || text.find("not initialized") != std::string::npos;
}

Task<> post_in_background(Outbound& outbound, routing::RoutePtr route, SessionPtr session, std::string fields,
                          std::string text) {
  co_await post_in_session(outbound, *route, *session, fields, text);
}

}  // namespace

bool is_foreign(int status) {
  return status == 400 || status == 404 || status == 405 || status == 406 || status == 415;
}

std::string_view version_field(const Session& session) {
  return session.info->version >= "2025-06-18" ? std::string_view(session.info->version) : std::string_view();
}

Task<Result<>> post_in_session(Outbound& outbound, const routing::AdapterRoute& route, const Session& session,
                               std::string_view fields, std::string_view text) {
  const routing::Endpoint* const now = route.find(session.endpoint.id);
  const bool sse = session.info->dialect == Dialect::sse;
  const std::array<std::string_view, 1> body{text};
  auto answer = co_await send(outbound, {.route = route,
                                         .endpoint = now != nullptr ? *now : session.endpoint,
                                         .target = sse ? session.id : session.endpoint.path,
                                         .fields = fields,
                                         .session = sse ? std::string_view() : session.id,
                                         .version = version_field(session),
                                         .body = body,
                                         .waiting = outbound.shared.options.probe_timeout});
  if (!answer) co_return std::unexpected(answer.error().error);
  std::string ignored;
  if (answer->ok() && !answer->is_events()) co_await answer->body(ignored, 64 << 10, std::chrono::seconds(1));
  if (answer->status() == 404) co_return fail(Errc::not_found, "{}", lost_session().message());
  if (!answer->ok()) co_return std::unexpected(unexpected_answer(*answer));
  co_return Result<>();
}

LegacyExchange::LegacyExchange(Outbound& outbound, const routing::AdapterRoute& route, SessionPtr session,
                               const Ask& ask, Events& events)
    : outbound_(outbound),
      route_(route),
      session_(std::move(session)),
      ask_(ask),
      events_(events),
      fields_(caller_fields(ask)) {}

LegacyExchange::~LegacyExchange() {
  if (!cancellable_) return;
  std::string text = notification_text(
      "notifications/cancelled", fmt::format(R"({{"requestId":{},"reason":"nobody waits for the answer"}})", id_));
  outbound_.in_background("peer.cancel",
                          post_in_background(outbound_, session_->route, session_, fields_, std::move(text)));
}

HttpRequest LegacyExchange::http_request(const routing::Endpoint& endpoint) const {
  const bool sse = session_->info->dialect == Dialect::sse;
  return {.route = route_,
          .endpoint = endpoint,
          .target = sse ? std::string_view(session_->id) : std::string_view(endpoint.path),
          .fields = fields_,
          .session = sse ? std::string_view() : std::string_view(session_->id),
          .version = version_field(*session_),
          .waiting = route_.response_timeout,
          .repeatable = ask_.repeatable};
}

Task<Attempt> LegacyExchange::run(std::string_view method, std::string_view params) {
  const bool handshake = method == "initialize";
  id_ = handshake ? 0 : session_->next_id();
  const routing::Endpoint* endpoint = handshake ? &session_->endpoint : route_.find(session_->endpoint.id);
  if (endpoint == nullptr) co_return std::unexpected(Trouble{lost_session(), false, true, 0});
  std::string meta;
  if (ask_.wants_progress && !handshake) meta = fmt::format("\"progressToken\":{}", id_);
  const RequestText text(id_, method, params, std::move(meta));
  cancellable_ = !handshake;
  auto attempt = session_->channel ? co_await over_channel(text, *endpoint) : co_await over_http(text, *endpoint);
  if (attempt || !attempt.error().accepted) cancellable_ = false;
  co_return attempt;
}

Task<Attempt> LegacyExchange::over_http(const RequestText& text, const routing::Endpoint& endpoint) {
  HttpRequest request = http_request(endpoint);
  request.body = text.pieces();
  auto answer = co_await send(outbound_, request);
  if (!answer) {
    const NoAnswer& failure = answer.error();
    // The process that had the session is gone; another may be starting.
    const bool lost = endpoint.is_process && failure.error.code() == Errc::unavailable;
    co_return std::unexpected(Trouble{failure.error, failure.sent, lost, 0});
  }
  given_session_ = answer->session();
  if (answer->ok() && (answer->is_json() || answer->is_events())) {
    co_return co_await read(Messages(*std::move(answer), outbound_.shared.options.max_message), endpoint);
  }
  const int status = answer->status();
  const bool in_session = !session_->id.empty();
  if (status == 404 && in_session) co_return std::unexpected(Trouble{lost_session(), false, true, status});
  const Error unexpected = unexpected_answer(*answer);
  const bool accepted = status < 400;
  if (!answer->is_json()) co_return std::unexpected(Trouble{unexpected, accepted, false, status});

  std::string storage;
  const auto body = co_await answer->body(storage, outbound_.shared.options.max_message, route_.response_timeout);
  const auto message = body ? mcp::scan(*body) : std::unexpected(mcp::Refusal());
  if (!message || message->kind != mcp::Kind::error_response) {
    co_return std::unexpected(Trouble{unexpected, accepted, false, status});
  }
  auto outcome = to_outcome(*message);
  if (!outcome) co_return std::unexpected(Trouble{outcome.error(), accepted, false, status});
  if (status == 400 && in_session && speaks_of_session(*outcome)) {
    co_return std::unexpected(Trouble{lost_session(), false, true, status});
  }
  if (status == 401 || status == 403) co_return std::unexpected(Trouble{unexpected, false, false, status});
  if (!message->id.empty() && message->id != "null") co_return *std::move(outcome);
  // About the transport and not about the request.
  co_return std::unexpected(Trouble{
      Error(unexpected.code(), fmt::format("{}: {}", unexpected.message(), printable(outcome->failed->message))),
      accepted, false, status});
}

Task<Attempt> LegacyExchange::read(Messages first, const routing::Endpoint& endpoint) {
  std::optional<Messages> messages(std::move(first));
  std::string last_event_id;
  unsigned resumptions = 0;
  Duration pause = usual_retry;
  while (true) {
    const Duration waiting = messages->answer().is_events() ? Duration::max() : route_.response_timeout;
    const auto text = co_await messages->next(waiting);
    if (text && *text) {
      auto taken = co_await take(**text);
      if (!taken) co_return std::unexpected(Trouble{taken.error()});
      if (*taken) co_return *std::move(*taken);
      continue;
    }
    if (!text && text.error().code() == Errc::too_large) {
      co_return std::unexpected(Trouble{Error(Errc::upstream, text.error().message())});
    }
    // The stream is over, the request is not, if the server said how to go on.
    if (!messages->last_event_id().empty() && messages->last_event_id() != last_event_id) {
      last_event_id = messages->last_event_id();
      resumptions = 0;
    }
    if (last_event_id.empty() || resumptions++ == outbound_.shared.options.max_resumptions) {
      co_return std::unexpected(
          Trouble{text ? Error(Errc::upstream, "the server ended its answer before it was complete") : text.error()});
    }
    if (const auto retry = messages->retry()) {
      pause = std::min<Duration>(std::chrono::milliseconds(std::min<std::uint64_t>(*retry, 3'600'000)),
                                 outbound_.shared.options.longest_retry);
    }
    messages.reset();
    auto resumed = co_await resume(last_event_id, pause, endpoint);
    if (!resumed) co_return std::unexpected(Trouble{resumed.error()});
    messages.emplace(*std::move(resumed));
  }
}

Task<Result<Messages>> LegacyExchange::resume(std::string last_event_id, Duration pause,
                                              const routing::Endpoint& endpoint) {
  co_await sleep_for(pause);
  if (!http::is_field_value(last_event_id)) co_return fail(Errc::upstream, "the server's event id is no header value");
  HttpRequest request = http_request(endpoint);
  const std::string fields = fmt::format("{}Last-Event-ID: {}\r\n", fields_, last_event_id);
  request.method = "GET";
  request.fields = fields;
  request.repeatable = true;
  auto answer = co_await send(outbound_, request);
  if (!answer) co_return std::unexpected(answer.error().error);
  if (!answer->ok() || !answer->is_events()) {
    co_return fail(Errc::upstream, "the server broke off its answer and does not go on with it: {}",
                   unexpected_answer(*answer).message());
  }
  outbound_.counters.resumed.add();
  co_return Messages(*std::move(answer), outbound_.shared.options.max_message);
}

Task<Attempt> LegacyExchange::over_channel(const RequestText& text, const routing::Endpoint& endpoint) {
  if (session_->channel->ended()) co_return std::unexpected(Trouble{lost_session(), false, true, 0});
  Mailbox mailbox(outbound_.shared.options.max_message);
  const auto subscription = session_->channel->for_call(id_, mailbox);
  HttpRequest request = http_request(endpoint);
  request.body = text.pieces();
  {
    auto answer = co_await send(outbound_, request);
    if (!answer) co_return std::unexpected(Trouble{answer.error().error, answer.error().sent, false, 0});
    const int status = answer->status();
    // Servers of that time say 400 as well when they do not know the session.
    if (status == 404 || status == 400) co_return std::unexpected(Trouble{lost_session(), false, true, status});
    if (!answer->ok()) co_return std::unexpected(Trouble{unexpected_answer(*answer), false, false, status});
    std::string ignored;
    co_await answer->body(ignored, 64 << 10, std::chrono::seconds(1));
  }
  while (true) {
    const auto message = co_await mailbox.next();
    if (!message) co_return std::unexpected(Trouble{message.error(), true, session_->channel->ended(), 0});
    auto taken = co_await take(*message);
    if (!taken) co_return std::unexpected(Trouble{taken.error()});
    if (*taken) co_return *std::move(*taken);
  }
}

MaybeTask<Result<std::optional<Outcome>>> LegacyExchange::take(std::string_view text) {
  auto message = mcp::scan(text, {.max_bytes = outbound_.shared.options.max_message});
  if (!message) {
    return Result<std::optional<Outcome>>(
        fail(Errc::upstream, "the server sent what is no message of the protocol: {}", message.error().message));
  }
  if (message->kind == mcp::Kind::response || message->kind == mcp::Kind::error_response) return take_answer(*message);
  return take_other(*std::move(message));
}

Result<std::optional<Outcome>> LegacyExchange::take_answer(const mcp::Message& message) const {
  if (message.id.empty() || message.id == "null") {
    GW_TRY(const Outcome about_nothing, to_outcome(message));
    return fail(Errc::upstream, "the server answered: {}", printable(about_nothing.failed->message));
  }
  if (parse_unsigned(message.id) != id_) return std::nullopt;
  return to_outcome(message);
}

Task<Result<std::optional<Outcome>>> LegacyExchange::take_other(mcp::Message message) {
  if (message.kind == mcp::Kind::notification) {
    GW_CO_TRY_OK(co_await pass_on(outbound_, route_.name, message, id_, ask_, events_));
  } else if (message.kind == mcp::Kind::request) {
    GW_CO_TRY_OK(serve(message));
  } else {
    for (const std::string_view element : message.elements) {
      GW_CO_TRY(auto taken, co_await take(element));
      if (taken) co_return taken;
    }
  }
  co_return std::nullopt;
}

Result<> LegacyExchange::serve(const mcp::Message& request) {
  if (!requests_) requests_.emplace();
  if (requests_->size() >= max_server_requests) {
    return fail(Errc::upstream, "the server asked more than {} things at once", max_server_requests);
  }
  requests_->spawn("peer.serve", serve_request(std::string(request.id), request.method,
                                               std::string(request.params.empty() ? "{}" : request.params)));
  return {};
}

Task<> LegacyExchange::serve_request(std::string id, std::string method, std::string params) {
  std::string text;
  if (method == "ping") {
    text = mcp::result_response(id, "{}");
  } else {
    outbound_.counters.server_requests.add();
    const auto answer = co_await events_.request(method, params);
    text = answer ? mcp::result_response(id, *answer)
                  : mcp::error_response(id, answer.error().code, answer.error().message, answer.error().data);
  }
  const auto posted = co_await post_in_session(outbound_, route_, *session_, fields_, text);
  if (!posted) {
    log::debug("peer.answer_not_taken", {{"adapter", route_.name}, {"error", posted.error().message()}});
  }
}

}  // namespace gw::peer
