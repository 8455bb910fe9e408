#include "front/front.h"

#include "base/log.h"
#include "http/problem.h"
#include "runtime/random.h"
#include "runtime/time.h"

namespace gw::front {
namespace {

constexpr std::size_t max_request_id = 64;

// SplitMix64 of Steele, Lea and Flood: spreads a counter over all bits, so that ids do not look like a sequence.
std::uint64_t spread(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// One debug event for each request when it has ended, however it ended. Paths are noted without their query, which may
// name a session.
class AccessLog {
 public:
  explicit AccessLog(const http::Exchange& exchange) : exchange_(exchange) {
    if (!log::enabled(log::Level::debug)) return;
    begun_ = steady_now();
    what_ = fmt::format("{} {}", exchange.request().method_text, exchange.request().path);
  }
  ~AccessLog() {
    if (what_.empty()) return;
    const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(steady_now() - begun_);
    log::debug("http.request", {{"request", exchange_.request_id},
                                {"peer", exchange_.peer().address},
                                {"what", what_},
                                {"status", exchange_.status()},
                                {"complete", exchange_.finished() ? "yes" : "no"},
                                {"us", taken.count()}});
  }

 private:
  const http::Exchange& exchange_;
  SteadyTime begun_{};
  std::string what_;
};

}  // namespace

Front::Front(OriginGuard guard, access::Access& access, Matches is_data, http::Service& data, http::Service& control,
             const ForGateways* for_gateways, FrontCounters& counters)
    : guard_(std::move(guard)),
      access_(access),
      is_data_(is_data),
      data_(data),
      control_(control),
      for_gateways_(for_gateways),
      counters_(counters),
      next_id_(random_u64()) {}

void Front::name_request(http::Exchange& exchange) {
  const std::string_view given = exchange.request().fields.get(http::Name::x_request_id);
  if (given.size() <= max_request_id && http::is_token(given)) {
    exchange.request_id = given;
    return;
  }
  constexpr char digits[] = "0123456789abcdef";
  std::uint64_t id = spread(next_id_ += 0x9e3779b97f4a7c15);
  exchange.request_id.resize(16);
  for (char& digit : exchange.request_id) {
    digit = digits[id & 15];
    id >>= 4;
  }
}

Task<Result<>> Front::handle(http::Exchange& exchange) {
  name_request(exchange);
  const AccessLog access(exchange);
  const http::RequestHead& request = exchange.request();
  if (for_gateways_ != nullptr && for_gateways_->paths(request.path)) co_return co_await serve_gateway(exchange);
  // Any page may read it, whatever its Origin: RFC 9728 section 3.
  if (request.path.starts_with("/.well-known/")) {
    GW_CO_TRY(const bool answered, co_await access_.answer_public(exchange));
    if (answered) co_return Result<>();
  }
  if (const auto good = guard_.check(request); !good) co_return co_await refuse(exchange, good.error());
  if (const std::string_view origin = request.fields.get(http::Name::origin); !origin.empty()) {
    exchange.answer_fields = OriginGuard::cors_fields(origin);
    if (request.method == http::Method::options) {
      exchange.answer_fields += OriginGuard::preflight_fields();
      co_return co_await exchange.respond(204, "", "");
    }
  }
  GW_CO_TRY(const bool known, co_await access_.identify(exchange));
  if (!known) co_return Result<>();
  if (is_data_(request.path)) co_return co_await data_.handle(exchange);
  co_return co_await serve_control(exchange);
}

Task<Result<>> Front::serve_gateway(http::Exchange& exchange) {
  GW_CO_TRY(const bool known, co_await access_.identify_by_gateway(exchange, for_gateways_->secret));
  if (!known) co_return Result<>();
  co_return co_await data_.handle(exchange);
}

Task<Result<>> Front::serve_control(http::Exchange& exchange) {
  limits::Permit permit;
  GW_CO_TRY(const bool admitted, co_await access_.admit_rest(exchange, permit));
  if (!admitted) co_return Result<>();
  co_return co_await control_.handle(exchange);
}

Task<Result<>> Front::refuse(http::Exchange& exchange, Error error) {
  counters_.forbidden.add();
  log::debug("front.forbidden", {{"peer", exchange.peer().address}, {"reason", error.message()}});
  co_return co_await http::respond_problem(exchange, std::move(error));
}

}  // namespace gw::front
