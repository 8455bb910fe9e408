#include "control/logs_api.h"

#include <limits>

#include <fmt/core.h>

#include "base/strings.h"
#include "control/collection.h"
#include "json/timestamp.h"
#include "model/adapter_document.h"
#include "runtime/race.h"
#include "schema/units.h"

namespace gw::control {
namespace {

using process::LogLine;
using process::LogRing;

bool has_expired(const identity::Principal& who) {
  const auto now = std::chrono::floor<std::chrono::seconds>(wall_now()).time_since_epoch().count();
  return who.expires != 0 && who.expires <= now;
}

struct LogQuery {
  std::uint32_t instance = 0;
  std::size_t tail = LogsApi::default_tail;
  WallTime since{};
  bool follow = false;
  bool timestamps = false;
};

std::expected<std::uint64_t, Answer> number(const Call& call, std::string_view name, std::uint64_t otherwise,
                                            std::uint64_t max) {
  const auto text = call.query(name);
  if (!text) return otherwise;
  const auto value = parse_unsigned(*text);
  if (!value || *value > max)
    return std::unexpected(bad_parameter(name, fmt::format("must be a number from 0 to {}", max)));
  return *value;
}

std::expected<bool, Answer> flag(const Call& call, std::string_view name) {
  const auto text = call.query(name);
  if (!text || *text == "false") return false;
  if (*text == "true" || text->empty()) return true;
  return std::unexpected(bad_parameter(name, "must be true or false"));
}

// A moment, or how long ago it was.
std::expected<WallTime, Answer> since(const Call& call) {
  const auto text = call.query("since");
  if (!text) return WallTime{};
  if (const auto moment = json::parse_timestamp(*text)) return *moment;
  if (const auto ago = schema::parse_duration(*text)) {
    return wall_now() - std::chrono::duration_cast<std::chrono::milliseconds>(*ago);
  }
  return std::unexpected(bad_parameter("since",
                                       "must be a time such as 2026-08-21T09:30:00Z (RFC 3339, with the + of an offset "
                                       "written as %2B), or a duration such as 10m"));
}

std::expected<LogQuery, Answer> read_query(const Call& call) {
  LogQuery query;
  GW_TRY(const auto instance, number(call, "instance", 0, std::numeric_limits<std::uint32_t>::max()));
  GW_TRY(query.tail, number(call, "tail", LogsApi::default_tail, LogsApi::max_tail));
  GW_TRY(query.since, since(call));
  GW_TRY(query.follow, flag(call, "follow"));
  if (call.exchange.request().method == http::Method::head) query.follow = false;  // There is no body to wait for.
  GW_TRY(query.timestamps, flag(call, "timestamps"));
  query.instance = static_cast<std::uint32_t>(instance);
  return query;
}

std::string text_of(const std::vector<LogLine>& lines, bool timestamps) {
  std::string text;
  for (const LogLine& line : lines) {
    if (timestamps) text += json::format_timestamp(line.at) + ' ';
    if (line.stream == process::LogStream::gateway) text += "[gateway] ";
    text += line.text;
    text += '\n';
  }
  return text;
}

// Tells a stream that waits for lines that the server drains.
class DrainWatch {
 public:
  using Next = Race<std::vector<LogLine>>;

  explicit DrainWatch(http::Exchange& exchange) : exchange_(exchange) {
    exchange.on_drain([this] {
      draining_ = true;
      if (waiting_ != nullptr) waiting_->call_off();
    });
  }
  ~DrainWatch() { exchange_.on_drain({}); }
  DrainWatch(const DrainWatch&) = delete;
  DrainWatch& operator=(const DrainWatch&) = delete;

  // The next lines, or nothing when the server drains.
  Task<std::optional<std::vector<LogLine>>> next(process::LogFollower& follower) {
    if (draining_) co_return std::nullopt;
    Next next(follower.next());
    waiting_ = &next;
    auto lines = co_await next;
    waiting_ = nullptr;
    co_return lines;
  }

 private:
  http::Exchange& exchange_;
  Next* waiting_ = nullptr;
  bool draining_ = false;
};

// What a following client has seen and waits for.
struct Following {
  std::shared_ptr<LogRing> ring;
  std::string seen;                   // The lines to begin with.
  std::uint64_t last = 0;             // The number of the last of them.
  std::function<bool()> still_there;  // Whether there is anything to follow.
  std::function<bool()> may_read;     // Whether the client may still see it.
  bool timestamps = false;
};

// Writes lines as they come, until the client leaves (the connection then destroys this task), the adapter is gone or
// the server drains.
Task<Result<>> follow(http::Exchange& exchange, Following following) {
  DrainWatch watch(exchange);
  exchange.release_request();
  GW_CO_TRY_OK(co_await exchange.write(following.seen, http::Last::no));
  process::LogFollower follower(following.ring, following.last);
  while (following.still_there()) {
    const auto lines = co_await watch.next(follower);
    if (!lines || !following.may_read()) break;
    GW_CO_TRY_OK(co_await exchange.write(text_of(*lines, following.timestamps), http::Last::no));
  }
  co_return co_await exchange.write("", http::Last::yes);
}

bool wants_json(const Call& call) {
  const std::string_view accept = call.header(http::Name::accept);
  return http::list_has(accept, "application/json") && !http::list_has(accept, "text/plain");
}

}  // namespace

std::vector<ApiRoute> LogsApi::routes() {
  std::vector<ApiRoute> routes;
  for (const Collection& collection : collections) {
    routes.push_back({http::Method::get,
                      collection.path_of("/{name}/logs"),
                      {collection.kind, Verb::logs},
                      Takes::nothing,
                      [this](Call& call) { return logs(call); }});
  }
  return routes;
}

std::expected<std::shared_ptr<LogRing>, Answer> LogsApi::find_ring(const model::Adapter& adapter,
                                                                   std::uint32_t instance) {
  const std::string& name = adapter.spec.name;
  if (!adapter.spec.command) {
    return std::unexpected(
        problem(Error(Errc::not_found, fmt::format("{} '{}' runs elsewhere, so the gateway has no logs of it",
                                                   model::noun_of(adapter.spec), name))));
  }
  const std::uint32_t replicas = adapter.spec.replica_count;
  if (instance < replicas) return logs_.open(name, instance);
  auto ring = logs_.find(name, instance);  // It may have run before there were fewer.
  if (ring) return ring;
  return std::unexpected(
      problem(Error(Errc::not_found, fmt::format("{} '{}' has no instance {}; it has {}, counted "
                                                 "from 0",
                                                 model::noun_of(adapter.spec), name, instance, replicas))));
}

Task<Answer> LogsApi::logs(Call& call) {
  const auto query = read_query(call);
  if (!query) co_return query.error();
  const model::Adapter* adapter = registry_.find(call.name);
  const auto ring = find_ring(*adapter, query->instance);
  if (!ring) co_return ring.error();

  const auto newest = (*ring)->tail(1);  // Before the others are taken, so that following leaves no line out.
  const auto lines = (*ring)->tail(query->tail, query->since);
  const std::string text = text_of(lines, query->timestamps);
  if (query->follow) {
    const std::uint64_t last = !lines.empty() ? lines.back().number : !newest.empty() ? newest.back().number : 0;
    const auto still_there = [&registry = registry_, name = call.name, uid = adapter->uid] {
      const model::Adapter* now = registry.find(name);
      return now != nullptr && now->uid == uid;
    };
    const auto may_read = [this, name = call.name, caller = call.caller] {
      if (has_expired(*caller)) return false;
      const model::Adapter* now = registry_.find(name);
      return now == nullptr || identity::may_read(*caller, ownership_of(*now), access_.admin_role);
    };
    Answer answer = text_answer(200, "").with("Cache-Control", "no-cache").with("X-Accel-Buffering", "no");
    answer.stream = [following = Following{*ring, text, last, still_there, may_read, query->timestamps}](
                        http::Exchange& exchange) { return follow(exchange, following); };
    co_return answer;
  }
  if (wants_json(call)) {
    co_return Answer{.status = 200, .type = "application/json", .body = json_quote(text)};
  }
  co_return text_answer(200, text).with("X-Content-Type-Options", "nosniff");
}

}  // namespace gw::control
