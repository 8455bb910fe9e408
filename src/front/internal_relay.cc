#include "front/internal_relay.h"

#include "http/forwarding.h"

namespace gw::front {
namespace {

using http::Last;
using http::Name;

constexpr Duration patience = std::chrono::minutes(1);

// What the relay says itself, and what clients say to the front only.
bool stays_behind(const http::Fields& fields, const http::Field& field) {
  switch (field.known) {
    case Name::host:
    case Name::content_length:
    case Name::expect:
    case Name::x_forwarded_for:
    case Name::x_request_id: return true;
    default: break;
  }
  return http::concerns_identity(field.known) || http::concerns_connection(field.known) ||
         http::is_named_in_connection(fields, field);
}

std::string request_head(const http::Exchange& exchange, std::string_view client) {
  const http::RequestHead& request = exchange.request();
  std::string head = fmt::format("{} {}{}{} HTTP/1.1\r\nHost: {}\r\n", request.method_text, request.path,
                                 request.query.empty() ? "" : "?", request.query,
                                 request.authority.empty() ? "gateway" : request.authority);
  for (const http::Field& field : request.fields.all()) {
    if (stays_behind(request.fields, field)) continue;
    head.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  head += fmt::format("X-Forwarded-For: {}\r\nX-Request-Id: {}\r\n", client, exchange.request_id);
  if (exchange.caller) head += fmt::format("X-Gateway-Caller: {}\r\n", identity::to_text(*exchange.caller));
  if (request.framing != http::Framing::none) head += "Transfer-Encoding: chunked\r\n";
  return head + "\r\n";
}

// The control plane ended before it answered: it is being stopped.
Error ended(Error error) {
  if (error.code() != Errc::cancelled) return error;
  return {Errc::unavailable, "the gateway is shutting down; ask again when it is back"};
}

}  // namespace

InternalRelay::InternalRelay(upstream::Pool& pool, std::shared_ptr<net::InprocListener> listener, ClientOf client_of)
    : pool_(pool), client_of_(std::move(client_of)) {
  endpoint_.id = "internal";
  endpoint_.inproc = std::move(listener);
}

Task<Result<>> InternalRelay::send(http::Exchange& exchange, http::ClientConnection& upstream) {
  std::string text = request_head(exchange, client_of_(exchange));
  while (true) {
    std::string_view part;
    if (exchange.request().framing != http::Framing::none) {
      GW_CO_TRY(part, co_await exchange.read_body());
      text += part.empty() ? "0\r\n\r\n" : fmt::format("{:x}\r\n", part.size());
    }
    const std::array<std::string_view, 3> pieces{text, part, part.empty() ? "" : "\r\n"};
    const auto sent = co_await upstream.send(pieces, patience);
    // Who refuses a request before it has all of it closes the connection; the answer says why.
    if (part.empty() || !sent) co_return Result<>();
    text.clear();
  }
}

Task<Result<>> InternalRelay::handle(http::Exchange& exchange) {
  GW_CO_TRY(upstream::Pool::Lease upstream, co_await pool_.acquire(endpoint_, patience));
  GW_CO_TRY_OK(co_await send(exchange, *upstream));
  const bool head_only = exchange.request().method == http::Method::head;
  const auto answered = co_await upstream->read_head(head_only, patience);
  if (!answered) co_return std::unexpected(ended(answered.error()));
  const http::ResponseHead& head = upstream->head();
  std::optional<std::uint64_t> length;
  if (head.framing == http::Framing::length) length = head.content_length;
  if (head.framing == http::Framing::none) {
    // Of a HEAD it is the length that GET would have; the parser knows it though there is no body.
    if (!head_only || head.fields.has(Name::content_length)) length = head.content_length;
  }
  exchange.start(head.status, length, head.reason);
  for (const http::Field& field : head.fields.all()) {
    const bool ours =
        field.known == Name::content_length || field.known == Name::date || field.known == Name::x_request_id;
    if (!ours && !http::concerns_connection(field.known)) exchange.field(field.name, field.value);
  }
  // Followed logs last until the client or the gateway ends them; the control plane ends its own answers when it
  // drains.
  if (!upstream->body_arrived()) GW_CO_TRY_OK(co_await exchange.write("", Last::no));
  while (true) {
    GW_CO_TRY(const std::string_view part, co_await upstream->read_body(Duration::max()));
    const bool last = upstream->body_done();
    GW_CO_TRY_OK(co_await exchange.write(part, last ? Last::yes : Last::no));
    if (last) co_return Result<>();
  }
}

}  // namespace gw::front
