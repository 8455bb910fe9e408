#include "peer/channels.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/strings.h"
#include "mcp/jsonrpc.h"
#include "peer/exchange.h"
#include "peer/wake.h"
#include "runtime/race.h"

namespace gw::peer {
namespace {

constexpr Duration shortest_pause = std::chrono::milliseconds(100);
constexpr Duration usual_pause = std::chrono::seconds(1);
constexpr unsigned max_failures = 5;  // In a row, to open a stream again.

using MailboxPtr = std::shared_ptr<Mailbox::State>;

}  // namespace

struct Channel::State {
  State(std::weak_ptr<Channels::Home> reader, bool session) : home(std::move(reader)), is_session(session) {}

  const std::weak_ptr<Channels::Home> home;
  const bool is_session;

  std::mutex mutex;  // For what follows. Held while mailboxes are filled: their loops are there as long as they are.
  bool open = false;
  std::string target;
  std::optional<Error> error;
  std::vector<std::shared_ptr<Waiter>> waiting;
  std::unordered_map<std::uint64_t, MailboxPtr> calls;
  std::vector<MailboxPtr> announcements;

  void set_open(std::string where) {
    const std::lock_guard lock(mutex);
    const bool again = std::exchange(open, true);
    target = std::move(where);
    for (const auto& waiter : std::exchange(waiting, {})) wake(waiter);
    if (!again) return;
    for (const MailboxPtr& mailbox : announcements) mailbox->put({});
  }

  void end(const Error& why) {
    const std::lock_guard lock(mutex);
    if (error) return;
    error = why;
    for (const auto& waiter : std::exchange(waiting, {})) wake(waiter);
    for (const auto& [id, mailbox] : calls) mailbox->end(why);
    for (const MailboxPtr& mailbox : announcements) mailbox->end(why);
  }

  // False when it is a request of the server that nobody here can answer.
  bool deliver(const mcp::Message& message) {
    const std::lock_guard lock(mutex);
    const bool answer = message.kind == mcp::Kind::response || message.kind == mcp::Kind::error_response;
    const std::string_view number = answer ? message.id : message.progress;
    if (const auto id = parse_unsigned(number); !number.empty() && id) {
      if (const auto call = calls.find(*id); call != calls.end()) call->second->put(std::string(message.text));
      return true;
    }
    if (answer) return true;
    if (message.kind == mcp::Kind::request || message.method == "notifications/message") {
      if (calls.size() == 1) calls.begin()->second->put(std::string(message.text));
      return calls.size() == 1 || message.kind != mcp::Kind::request;
    }
    for (const MailboxPtr& mailbox : announcements) mailbox->put(std::string(message.text));
    return true;
  }
};

using StatePtr = std::shared_ptr<Channel::State>;

// The readers of all channels, on the home loop.
struct Channels::Home {
  explicit Home(Loop& its_loop) : loop(its_loop) {}

  Loop& loop;
  Outbound* outbound = nullptr;
  std::unordered_map<Channel::State*, Race<void>*> running;
  std::optional<TaskGroup> tasks;

  void begin(StatePtr state, ChannelRequest request) {
    if (outbound == nullptr) return state->end(Error(Errc::unavailable, "the gateway is stopping"));
    tasks->spawn("peer.channel", run(std::move(state), std::move(request)));
  }
  void stop(Channel::State* state) {
    if (const auto it = running.find(state); it != running.end()) it->second->call_off();
  }

  Task<> run(StatePtr state, ChannelRequest request) {
    struct Running {
      Home& home;
      Channel::State& state;
      ~Running() {
        home.running.erase(&state);
        state.end(Error(Errc::unavailable, "the server's stream of events ended"));
      }
    } const entry{*this, *state};
    Race<void> race(read(*state, request));
    running[state.get()] = &race;
    co_await race;
  }

  Task<> read(Channel::State& state, const ChannelRequest& request) {
    std::string last_id;
    Duration pause = usual_pause;
    unsigned failures = 0;
    while (true) {
      const auto ended = co_await read_once(state, request, last_id, pause);
      if (ended) {
        failures = 0;
      } else if (!state.open || ++failures > max_failures || ended.error().code() == Errc::not_found ||
                 state.is_session) {
        co_return state.end(ended.error());
      }
      if (state.is_session) co_return state.end(Error(Errc::unavailable, "the server closed the session's stream"));
      co_await sleep_for(pause * (1u << failures));
    }
  }

  // One connection's worth of the stream. Fails when it could not be opened, not when it breaks off.
  Task<Result<>> read_once(Channel::State& state, const ChannelRequest& request, std::string& last_id,
                           Duration& pause) {
    std::string fields = request.fields;
    if (!last_id.empty()) fields.append("Last-Event-ID: ").append(last_id).append("\r\n");
    auto answer = co_await send(*outbound, {.route = *request.route,
                                            .endpoint = request.endpoint,
                                            .target = request.target,
                                            .method = "GET",
                                            .fields = fields,
                                            .waiting = outbound->shared.options.probe_timeout,
                                            .repeatable = true});
    if (!answer) co_return std::unexpected(answer.error().error);
    if (answer->status() == 404) co_return fail(Errc::not_found, "the server does not know the session any more");
    if (answer->status() == 405 || answer->status() == 400 || answer->status() == 406 || answer->status() == 501) {
      co_return fail(Errc::unsupported, "the server offers no stream of events ({})", answer->status());
    }
    if (!answer->ok() || !answer->is_events()) co_return std::unexpected(unexpected_answer(*answer));
    if (!state.is_session) state.set_open({});

    mcp::SseParser parser(outbound->shared.options.max_message);
    while (true) {
      const auto part = co_await answer->part(Duration::max());
      if (!part || part->empty()) break;
      parser.feed(*part);
      while (true) {
        const auto event = parser.next();
        if (!event) co_return Result<>();
        if (!*event) break;
        GW_CO_TRY_OK(take(state, request, **event));
      }
    }
    if (!parser.last_event_id().empty() && http::is_field_value(parser.last_event_id())) {
      last_id = parser.last_event_id();
    }
    if (const auto retry = parser.retry()) {
      pause = std::clamp<Duration>(std::chrono::milliseconds(std::min<std::uint64_t>(*retry, 3'600'000)),
                                   shortest_pause, outbound->shared.options.longest_retry);
    }
    co_return Result<>();
  }

  Result<> take(Channel::State& state, const ChannelRequest& request, const mcp::SseEvent& event) {
    if (state.is_session && !state.open) {
      if (event.event != "endpoint") {
        return fail(Errc::upstream,
                    "the server's first event is '{}' instead of 'endpoint': it does not speak HTTP+SSE",
                    printable(event.event, 40));
      }
      const std::string origin =
          std::string(request.endpoint.tls != nullptr ? "https://" : "http://") + request.endpoint.host;
      GW_TRY(std::string target, routing::resolve_message_target(origin, request.target, event.data));
      state.set_open(std::move(target));
      return {};
    }
    if (event.event != "message" || event.data.empty()) return {};
    const auto message = mcp::scan(event.data, {.max_bytes = outbound->shared.options.max_message});
    if (!message) return {};  // Nobody could use it.
    if (message->kind == mcp::Kind::request && message->method == "ping") {
      respond(state, request, mcp::result_response(message->id, "{}"));
    } else if (!state.deliver(*message)) {
      respond(state, request,
              mcp::error_response(message->id, mcp::code::invalid_params,
                                  "This request belongs to no request of a client."));
    }
    return {};
  }

  void respond(const Channel::State& state, const ChannelRequest& request, std::string text) {
    outbound->in_background(
        "peer.respond", post(*outbound, request, state.is_session ? state.target : request.target, std::move(text)));
  }

  static Task<> post(Outbound& outbound, ChannelRequest request, std::string target, std::string text) {
    const std::array<std::string_view, 1> body{text};
    co_await send(outbound, {.route = *request.route,
                             .endpoint = request.endpoint,
                             .target = target,
                             .fields = request.fields,
                             .body = body,
                             .waiting = outbound.shared.options.probe_timeout});
  }
};

Channel::~Channel() {
  if (const auto home = state_->home.lock()) {
    home->loop.post([weak = state_->home, state = state_] {
      if (const auto still = weak.lock()) still->stop(state.get());
    });
  }
}

Task<Result<std::string>> Channel::opened() {
  struct Waiting {
    State& state;
    std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>(*Loop::current());
    ~Waiting() {
      const std::lock_guard lock(state.mutex);
      std::erase(state.waiting, waiter);
    }
  } const waiting{*state_};
  while (true) {
    {
      const std::lock_guard lock(state_->mutex);
      if (state_->error) co_return std::unexpected(*state_->error);
      if (state_->open) co_return state_->target;
      state_->waiting.push_back(waiting.waiter);
    }
    co_await waiting.waiter->woken;
    waiting.waiter->woken.reset();
  }
}

bool Channel::ended() const {
  const std::lock_guard lock(state_->mutex);
  return state_->error.has_value();
}

Channel::Subscription Channel::for_call(std::uint64_t id, const Mailbox& mailbox) {
  const std::lock_guard lock(state_->mutex);
  state_->calls[id] = mailbox.state();
  if (state_->error) mailbox.state()->end(*state_->error);
  return {state_, mailbox.state()};
}

Channel::Subscription Channel::for_announcements(const Mailbox& mailbox) {
  const std::lock_guard lock(state_->mutex);
  state_->announcements.push_back(mailbox.state());
  if (state_->error) mailbox.state()->end(*state_->error);
  return {state_, mailbox.state()};
}

Channel::Subscription::~Subscription() {
  if (channel_ == nullptr) return;
  const std::lock_guard lock(channel_->mutex);
  std::erase(channel_->announcements, mailbox_);
  std::erase_if(channel_->calls, [this](const auto& call) { return call.second == mailbox_; });
}

Channels::Channels(Loop& home) : home_(std::make_shared<Home>(home)) {}
Channels::~Channels() = default;

void Channels::start(Outbound& outbound) {
  home_->outbound = &outbound;
  home_->tasks.emplace();
}

void Channels::stop() {
  home_->outbound = nullptr;
  home_->tasks.reset();
}

ChannelPtr Channels::open(ChannelRequest request) {
  auto state = std::make_shared<Channel::State>(home_, request.is_session);
  home_->loop.post([home = home_, state, request = std::move(request)] { home->begin(state, request); });
  return std::make_shared<Channel>(std::move(state));
}

}  // namespace gw::peer
