#include "proxy/reply.h"

#include "base/strings.h"
#include "http/problem.h"
#include "http/status.h"

namespace gw::proxy {
namespace {

int json_rpc_code(Errc code) {
  switch (code) {
    case Errc::not_found: return unknown_session_code;
    case Errc::upstream:
    case Errc::unavailable:
    case Errc::timeout:
    case Errc::internal: return internal_error_code;
    default: return server_error_code;
  }
}

std::string error_body(int rpc_code, const Error& error) {
  return fmt::format(R"({{"jsonrpc":"2.0","error":{{"code":{},"message":{},"data":{{"code":"{}"}}}},"id":null}})",
                     rpc_code, json_quote(error.message()), to_string(error.code()));
}

}  // namespace

Task<Result<>> respond_error(http::Exchange& exchange, Error error) {
  const std::string body = error_body(json_rpc_code(error.code()), error);
  exchange.start(http::status_of(error.code()), body.size());
  exchange.field("Content-Type", "application/json");
  if (error.code() == Errc::unavailable) exchange.field("Retry-After", "1");
  co_return co_await exchange.write(body, http::Last::yes);
}

Task<Result<>> respond_not_allowed(http::Exchange& exchange, std::string_view allowed) {
  const Error error(Errc::unsupported,
                    fmt::format("{} is not allowed here; allowed: {}", exchange.request().method_text, allowed));
  const std::string body = error_body(server_error_code, error);
  exchange.start(405, body.size());
  exchange.field("Allow", allowed);
  exchange.field("Content-Type", "application/json");
  co_return co_await exchange.write(body, http::Last::yes);
}

}  // namespace gw::proxy
