#include "peer/lister.h"

#include <algorithm>

#include "base/log.h"
#include "mcp/json_text.h"
#include "peer/incoming.h"
#include "peer/pages.h"
#include "runtime/event.h"
#include "runtime/race.h"
#include "runtime/random.h"

namespace gw::peer {
namespace {

using catalogue::Kind;

constexpr std::array<Kind, catalogue::kinds> all_kinds = {Kind::tool, Kind::prompt, Kind::resource,
                                                          Kind::resource_template};
constexpr Duration patience_to_listen = std::chrono::seconds(1);

std::size_t index_of(Kind kind) {
  return static_cast<std::size_t>(kind);
}

ClientPtr nobody_in_particular() {
  auto client = std::make_shared<Client>();
  client->who = std::make_shared<const identity::Principal>();
  return client;
}

// Between 90 and 110 per cent of it, so that what began together does not stay together.
Duration with_jitter(Duration duration) {
  return duration / 10 * 9 + Duration(static_cast<std::int64_t>(random_u64() % (duration.count() / 5 + 1)));
}

bool offers(std::string_view capabilities, Kind kind) {
  const char* const member = kind == Kind::tool ? "tools" : kind == Kind::prompt ? "prompts" : "resources";
  return !mcp::json_member(capabilities, member).empty();
}

bool same(const catalogue::Listing& a, const catalogue::Listing& b) {
  const auto same_definition = [](const catalogue::Definition& x, const catalogue::Definition& y) {
    return x.kind == y.kind && x.hash == y.hash;
  };
  const auto same_problem = [](const catalogue::Invalid& x, const catalogue::Invalid& y) {
    return x.kind == y.kind && x.name == y.name && x.why == y.why;
  };
  return a.adapter == b.adapter && a.prefix == b.prefix && a.tags == b.tags && a.categories == b.categories &&
         a.hint == b.hint && std::ranges::equal(a.invalid, b.invalid, same_problem) &&
         a.capabilities == b.capabilities && a.instructions == b.instructions &&
         std::ranges::equal(a.definitions, b.definitions, same_definition);
}

}  // namespace

std::string_view to_string(ListerState state) {
  switch (state) {
    case ListerState::starting: return "starting";
    case ListerState::ready: return "ready";
    case ListerState::stale: return "stale";
    case ListerState::failed: return "failed";
  }
  return "failed";
}

struct Lister::Impl final : Listener {
  // What is known of one kind.
  struct Shelf {
    Pages pages;
    bool filled = false;      // There is a good answer, and it was not withdrawn.
    bool dirty = true;        // To be listed as soon as it may.
    SteadyTime not_before{};  // Neither debounce nor pace allows it sooner.
    unsigned failures = 0;    // Since the last good answer.
    SteadyTime first_failure{};
    std::string error;
  };

  Impl(Outbound& its_outbound, ListedAdapter its_adapter, ListerOptions its_options, OnListing callback)
      : outbound(its_outbound),
        adapter(std::move(its_adapter)),
        options(its_options),
        on_listing(std::move(callback)),
        peer(outbound, adapter.adapter) {
    status.since = wall_now();
    tasks.spawn("peer.lister", run());
    tasks.spawn("peer.listener", keep_listening());
  }

  // --- Listing ---

  Task<> run() {
    while (true) {
      co_await list_what_is_due();
      arm();
      woken.reset();
      co_await woken;
    }
  }

  Task<> list_what_is_due() {
    const SteadyTime begun = steady_now();
    const bool all = begun >= poll_due;
    std::array<bool, catalogue::kinds> due{};
    for (const Kind kind : all_kinds) {
      const Shelf& shelf = shelves[index_of(kind)];
      due[index_of(kind)] = all || (shelf.dirty && shelf.not_before <= begun);
    }
    if (std::ranges::none_of(due, [](bool is) { return is; })) co_return;
    poll_due = never;

    const auto about = co_await learn_about();
    if (about) co_await wait_for_stream();
    for (const Kind kind : all_kinds) {
      if (due[index_of(kind)]) co_await list(kind, about ? std::optional<Error>() : about.error());
    }
    align_retries();
    settle();
  }

  // What failed is tried again together.
  void align_retries() {
    SteadyTime latest{};
    for (const Shelf& shelf : shelves) {
      if (shelf.failures > 0) latest = std::max(latest, shelf.not_before);
    }
    for (Shelf& shelf : shelves) {
      if (shelf.failures > 0) shelf.not_before = latest;
    }
  }

  Task<Result<>> learn_about() {
    Ask ask;
    ask.client = client;
    auto told = co_await with_timeout(options.page_timeout, peer.about(std::move(ask)));
    if (!told) {
      co_return fail(Errc::timeout, "adapter '{}': the server did not introduce itself within {} ms", adapter.adapter,
                     std::chrono::duration_cast<std::chrono::milliseconds>(options.page_timeout).count());
    }
    if (!*told) co_return std::unexpected(told->error());
    info = **told;
    known.set();
    co_return Result<>();
  }

  // A change that comes after a list and before the stream would not be heard: the stream comes first, if it comes
  // soon.
  Task<> wait_for_stream() {
    if (stream_settled.is_set()) co_return;
    co_await with_timeout(patience_to_listen, [](Event& event) -> Task<> { co_await event; }(stream_settled));
    stream_settled.set();
  }

  Task<> list(Kind kind, std::optional<Error> failure) {
    Shelf& shelf = shelves[index_of(kind)];
    const SteadyTime begun = steady_now();
    shelf.dirty = false;
    if (!failure && info.capabilities != "{}" && !offers(info.capabilities, kind)) {
      shelf.pages = {};
      good(shelf);
      shelf.filled = false;
      co_return;
    }
    if (!failure) {
      auto pages = co_await list_all(peer, client, kind, options, nobody);
      if (pages) {
        outbound.counters.listings.add();
        shelf.pages = *std::move(pages);
        good(shelf);
      } else {
        failure = pages.error();
      }
    }
    const SteadyTime ended = steady_now();
    shelf.not_before = ended + std::max(options.shortest_interval, ended - begun);
    if (failure) bad(shelf, *failure);
  }

  static void good(Shelf& shelf) {
    shelf.filled = true;
    shelf.failures = 0;
    shelf.error.clear();
  }

  void bad(Shelf& shelf, const Error& error) {
    outbound.counters.listing_failures.add();
    const SteadyTime now = steady_now();
    if (shelf.failures++ == 0) shelf.first_failure = now;
    shelf.error = error.message();
    shelf.dirty = true;
    const Duration pause = options.first_retry * (1u << std::min(shelf.failures - 1, 10u));
    shelf.not_before = now + with_jitter(std::min(pause, options.longest_retry));
    if (shelf.failures < options.failures_before_withdrawal || now - shelf.first_failure < options.grace) return;
    shelf.pages = {};
    shelf.filled = false;
  }

  // --- What comes of it ---

  void settle() {
    ListerStatus next = status;
    next.error.clear();
    next.attempts = 0;
    bool any_filled = false;
    bool any_failed = false;
    Duration fresh_for = options.poll_interval;
    for (const Shelf& shelf : shelves) {
      any_filled = any_filled || shelf.filled;
      any_failed = any_failed || shelf.failures > 0;
      if (shelf.failures > next.attempts) {
        next.attempts = shelf.failures;
        next.error = shelf.error;
      }
      fresh_for =
          std::min(fresh_for, std::max(shelf.pages.fresh_for, std::min(options.shortest_poll, options.poll_interval)));
    }
    if (poll_due == never) poll_due = steady_now() + with_jitter(fresh_for);
    next.state = !any_failed ? ListerState::ready : any_filled ? ListerState::stale : ListerState::failed;
    const bool offers_something = next.state != ListerState::failed;
    if (!any_failed) next.last_success = wall_now();
    if (!info.version.empty()) next.dialect = to_string(info.dialect);
    next.version = info.version;
    publish(offers_something);
    next.counts = {};
    if (offered != nullptr) {
      for (const catalogue::Definition& definition : offered->definitions) ++next.counts[index_of(definition.kind)];
    }
    report(next);
    const bool failed_at_first = status.state == ListerState::starting && next.state == ListerState::failed;
    const bool changed = next.state != status.state;
    const WallTime since = changed ? wall_now() : status.since;
    const bool listening = status.listening;
    status = std::move(next);
    status.since = since;
    status.listening = listening;
    if (failed_at_first) on_listing(nullptr);
  }

  void report(const ListerStatus& next) const {
    if (next.state == status.state) return;
    if (next.state == ListerState::ready) {
      log::info("peer.listed", {{"adapter", adapter.adapter},
                                {"dialect", next.dialect},
                                {"tools", next.counts[index_of(Kind::tool)]},
                                {"prompts", next.counts[index_of(Kind::prompt)]},
                                {"resources", next.counts[index_of(Kind::resource)]}});
    } else {
      const bool withdrawn = next.state == ListerState::failed && status.state != ListerState::starting;
      log::warn(withdrawn ? "peer.withdrawn" : "peer.listing_failed",
                {{"adapter", adapter.adapter}, {"error", next.error}});
    }
  }

  void publish(bool offers_something) {
    catalogue::ListingPtr next;
    if (offers_something) next = make_listing();
    const bool equal = (next == nullptr) == (offered == nullptr) && (next == nullptr || same(*next, *offered));
    // That nothing failed this time is news to whoever waited for it; that something did is none.
    const bool completed = equal && next != nullptr && next->complete && !offered->complete;
    if (equal && !completed) return;
    offered = std::move(next);
    on_listing(offered);
  }

  catalogue::ListingPtr make_listing() const {
    auto listing = std::make_shared<catalogue::Listing>();
    listing->adapter = adapter.adapter;
    listing->prefix = adapter.prefix;
    listing->tags = adapter.tags;
    listing->categories = adapter.categories;
    listing->hint = adapter.hint;
    listing->capabilities = info.capabilities;
    listing->instructions = info.instructions;
    listing->complete = std::ranges::all_of(shelves, [](const Shelf& shelf) { return shelf.failures == 0; });
    for (const Shelf& shelf : shelves) {
      listing->definitions.insert(listing->definitions.end(), shelf.pages.definitions.begin(),
                                  shelf.pages.definitions.end());
      listing->invalid.insert(listing->invalid.end(), shelf.pages.invalid.begin(), shelf.pages.invalid.end());
    }
    return listing;
  }

  // --- When ---

  void arm() {
    SteadyTime next = poll_due;
    for (const Shelf& shelf : shelves) {
      if (shelf.dirty) next = std::min(next, shelf.not_before);
    }
    timer.arm(next);
  }

  void mark(Kind kind) {
    Shelf& shelf = shelves[index_of(kind)];
    if (shelf.dirty) return;
    shelf.dirty = true;
    shelf.not_before = std::max(shelf.not_before, steady_now() + options.debounce);
    arm();
  }

  void refresh() {
    poll_due = SteadyTime();
    woken.set();
  }

  // --- Listening ---

  Task<> keep_listening() {
    unsigned failures = 0;
    while (true) {
      co_await known;
      Ask ask;
      ask.client = client;
      const SteadyTime begun = steady_now();
      const auto ended =
          co_await peer.listen(std::move(ask), {.tools = true, .prompts = true, .resources = true}, *this);
      stream_settled.set();
      const bool heard_something = std::exchange(status.listening, false);
      failures = heard_something && steady_now() - begun > options.longest_retry ? 0 : failures + 1;
      if (!ended && ended.error().code() == Errc::unsupported) {
        co_await sleep_for(with_jitter(options.poll_interval));
        continue;
      }
      // A server that is gone is known before the next poll.
      const bool unreachable = !ended && !heard_something && ended.error().code() == Errc::unavailable;
      if (unreachable && status.state == ListerState::ready) refresh();
      const Duration pause = options.first_retry * (1u << std::min(failures - std::min(failures, 1u), 10u));
      co_await sleep_for(with_jitter(std::min(pause, options.longest_retry)));
    }
  }

  void listening(const Interest& honoured) override {
    status.listening = true;
    // What was listed before this moment may have changed unheard.
    if (!stream_settled.is_set()) return stream_settled.set();
    if (honoured.tools) heard("notifications/tools/list_changed", {});
    if (honoured.prompts) heard("notifications/prompts/list_changed", {});
    if (honoured.resources) heard("notifications/resources/list_changed", {});
  }

  void heard(std::string_view method, std::string_view) override {
    if (method == "notifications/tools/list_changed") mark(Kind::tool);
    if (method == "notifications/prompts/list_changed") mark(Kind::prompt);
    if (method == "notifications/resources/list_changed") {
      mark(Kind::resource);
      mark(Kind::resource_template);
    }
  }

  Outbound& outbound;
  ListedAdapter adapter;
  const ListerOptions options;
  const OnListing on_listing;
  RemotePeer peer;
  const ClientPtr client = nobody_in_particular();
  NoEvents nobody;

  ServerInfo info;
  std::array<Shelf, catalogue::kinds> shelves;
  SteadyTime poll_due = SteadyTime();
  ListerStatus status;
  catalogue::ListingPtr offered;

  Event woken;
  Event known;           // The server has introduced itself once.
  Event stream_settled;  // The stream is open, or it is known that it will not come soon.
  Timer timer{*Loop::current(), [this] { woken.set(); }};
  TaskGroup tasks;
};

Lister::Lister(Outbound& outbound, ListedAdapter adapter, ListerOptions options, OnListing on_listing)
    : impl_(std::make_unique<Impl>(outbound, std::move(adapter), options, std::move(on_listing))) {}
Lister::~Lister() = default;

void Lister::refresh() {
  impl_->refresh();
}

void Lister::heard(std::string_view method) {
  impl_->heard(method, {});
}

void Lister::describe(ListedAdapter adapter) {
  impl_->adapter = std::move(adapter);
  impl_->publish(impl_->offered != nullptr);
}

const ListerStatus& Lister::status() const {
  return impl_->status;
}
const catalogue::ListingPtr& Lister::listing() const {
  return impl_->offered;
}

}  // namespace gw::peer
