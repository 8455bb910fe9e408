// Between a gateway and its routers: who asks is found out by the one and believed by the other.
#include "access/access.h"
#include "base/log.h"
#include "http/problem.h"
#include "net/address.h"

namespace gw::access {
namespace {

using http::Name;

// "<identity::to_text> <numeric address>"
struct Caller {
  identity::PrincipalPtr who;
  std::string_view client;
};

// Nothing when no gateway of ours wrote it.
std::optional<Caller> read_caller(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return {};
  Caller caller{.who = identity::from_text(text.substr(0, space)), .client = text.substr(space + 1)};
  if (caller.who == nullptr || caller.client.empty()) return {};
  return caller;
}

}  // namespace

std::string caller_fields(const Settings& settings, const http::Exchange& exchange, const SecretString& secret) {
  std::string fields = fmt::format("X-Gateway-Secret: {}\r\nX-Gateway-Caller: {} {}\r\n", secret.reveal(),
                                   identity::to_text(*exchange.caller), client_address(settings, exchange));
  for (const http::Field& field : exchange.request().fields.all()) {
    const bool is_filter = field.known == Name::x_mcp_authorized || field.known == Name::x_authorized_tools;
    if (is_filter) fields.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return fields;
}

Task<Result<bool>> Access::identify_by_gateway(http::Exchange& exchange, const SecretString& secret) {
  const http::Fields& fields = exchange.request().fields;
  const bool from_gateway =
      fields.count(Name::x_gateway_secret) == 1 && secret.matches(fields.get(Name::x_gateway_secret));
  const auto caller = from_gateway ? read_caller(fields.get(Name::x_gateway_caller)) : std::optional<Caller>();
  if (caller) {
    exchange.caller = caller->who;
    exchange.client = caller->client;
    co_return true;
  }
  counters_.unauthenticated.add();
  const std::string why = from_gateway ? "the gateway did not say who asks: gateway and router must be of one version"
                                       : "this is a router: ask its gateway. Of gateways it wants the X-Gateway-Secret "
                                         "that router.secret names";
  note_refusal(exchange, {auth::Refused::Why::invalid, why, {}});
  exchange.answer_fields += "WWW-Authenticate: Gateway-Secret\r\n";  // RFC 9110 section 15.5.2 wants a challenge.
  GW_CO_TRY_OK(co_await http::respond_problem(exchange, Error(Errc::unauthenticated, why)));
  co_return false;
}

}  // namespace gw::access
