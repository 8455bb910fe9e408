// Answers whose lists have to be looked at before the client sees them.
#include "http/target.h"
#include "proxy/event_filter.h"
#include "proxy/request.h"
#include "proxy/response_head.h"

namespace gw::proxy {
namespace {

constexpr int accepted = 202;

bool is_json(const http::ResponseHead& head) {
  return http::is_media_type(head.fields.get(http::Name::content_type), "application/json");
}

// All of an answer; Errc::upstream when it is too long to be looked at.
Task<Result<std::string>> read_whole(http::ClientConnection& upstream, Duration waiting) {
  std::string whole;
  while (!upstream.body_done()) {
    GW_CO_TRY(const std::string_view part, co_await upstream.read_body(waiting));
    whole += part;
    if (whole.size() > max_filtered) {
      co_return fail(Errc::upstream, "the server's answer is larger than {} bytes, so it cannot be checked",
                     max_filtered);
    }
  }
  co_return whole;
}

}  // namespace

Task<Result<>> Proxy::relay_filtered(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint,
                                     http::ClientConnection& upstream) {
  GW_CO_TRY_OK(check_not_encoded(upstream.head()));
  if (is_event_stream(upstream.head())) {
    begin_answer(exchange, request, endpoint, upstream.head(), std::nullopt);
    EventFilter filter(list_shows(request));
    co_return co_await relay_events(exchange, request, upstream, &filter);
  }
  const HeldHead head(upstream.head());
  GW_CO_TRY(std::string body, co_await read_whole(upstream, request.route->response_timeout));
  if (is_json(head.get()) && !body.empty()) {
    GW_CO_TRY(auto filtered, filter_lists(body, list_shows(request)));
    if (filtered) body = *std::move(filtered);
  } else if (head.get().status == accepted) {
    body.clear();  // "Accepted", as servers of HTTP+SSE say. Nobody reads it, so nobody has to check it.
  } else if (!body.empty() && head.get().status < 300) {
    co_return fail(Errc::upstream, "the server answered with neither JSON nor events, so it cannot be checked");
  }
  begin_answer(exchange, request, endpoint, head.get(), body.size());
  if (!upstream.trailers().empty()) exchange.set_trailers(upstream.trailers());
  counters_.bytes_relayed.add(body.size());
  co_return co_await exchange.write(body, http::Last::yes);
}

}  // namespace gw::proxy
