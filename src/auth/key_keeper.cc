#include "auth/key_keeper.h"

#include <algorithm>

#include <boost/json.hpp>

#include "auth/metadata.h"
#include "base/log.h"
#include "base/strings.h"
#include "fetch/fetch.h"
#include "http/url.h"
#include "runtime/event.h"
#include "runtime/race.h"
#include "runtime/random.h"
#include "runtime/task_group.h"

namespace gw::auth {
namespace {

constexpr std::size_t max_waiting = 1000;

// One issuer. Whoever waits for it shares it, so that it may be forgotten meanwhile.
struct Kept {
  IssuerOptions options;
  IssuerKeys known;
  std::shared_ptr<const net::TlsContext> trusted;  // Read anew after a failure: it may be what was wrong.
  std::uint64_t begun = 0;                         // Attempts.
  std::uint64_t ended = 0;
  std::uint32_t failures = 0;  // In a row.
  bool forgotten = false;
  Event asked;    // Somebody needs newer keys.
  Event changed;  // Pulsed when an attempt has ended, and when the issuer is forgotten.
  std::unique_ptr<TaskGroup> keeping = std::make_unique<TaskGroup>();

  void forget() {
    forgotten = true;
    keeping.reset();
    changed.pulse();
  }
};
using KeptPtr = std::shared_ptr<Kept>;

Task<> until_set(Event& event) {
  co_await event;
}

bool same_place(const IssuerOptions& a, const IssuerOptions& b) {
  return a.issuer == b.issuer && a.jwks_uri == b.jwks_uri && a.ca_file == b.ca_file;
}

bool is_http(std::string_view url) {
  const auto parsed = http::parse_url(url);
  return parsed && !parsed->https;
}

bool is_same_server(std::string_view a, std::string_view b) {
  const auto one = http::parse_url(a);
  const auto other = http::parse_url(b);
  return one && other && one->address == other->address;
}

struct Fetched {
  std::string jwks_uri;
  std::shared_ptr<const KeySet> keys;
};

Task<Result<std::string>> find_jwks_uri(net::Resolver& resolver, const IssuerOptions& options, fetch::Request like) {
  if (!options.jwks_uri.empty()) co_return options.jwks_uri;
  GW_CO_TRY(const auto metadata, co_await fetch_metadata(resolver, options.issuer, std::move(like)));
  const auto* uri = metadata.get_object().if_contains("jwks_uri");
  if (uri == nullptr || !uri->is_string()) co_return fail(Errc::upstream, "the issuer's metadata has no jwks_uri");
  co_return std::string(uri->get_string());
}

Task<Result<Fetched>> fetch_keys(net::Resolver& resolver, IssuerOptions options,
                                 std::shared_ptr<const net::TlsContext>& trusted, Duration request_timeout) {
  if (trusted == nullptr) {
    GW_CO_TRY(trusted, net::TlsContext::client(options.ca_file));
  }
  fetch::Request request{.timeout = request_timeout, .tls = trusted, .require_https = true};
  Fetched fetched;
  GW_CO_TRY(fetched.jwks_uri, co_await find_jwks_uri(resolver, options, request));
  if (is_http(fetched.jwks_uri) && !is_http(options.issuer)) {
    co_return fail(Errc::upstream, "the issuer names a jwks_uri that does not begin with https://");
  }
  // Whoever can change the metadata of a configured issuer must not reach into the gateway's networks through it.
  if (options.jwks_uri.empty() && !is_same_server(fetched.jwks_uri, options.issuer)) {
    request.egress = std::make_shared<const net::EgressRules>();
  }
  request.url = fetched.jwks_uri;
  auto fetching = co_await fetch::fetch(resolver, request);
  if (!fetching && fetching.error().code() == Errc::forbidden) {
    co_return fail(Errc::forbidden,
                   "the issuer's metadata names a jwks_uri at another server with an address that is not public; set "
                   "jwksUri of the issuer if that is meant");
  }
  GW_CO_TRY(const fetch::Response answer, std::move(fetching));
  const auto where = [&] { return http::parse_url(fetched.jwks_uri)->shown(); };
  if (answer.status != 200) co_return fail(Errc::upstream, "{} answered {}", where(), answer.status);
  auto keys = KeySet::parse(answer.body);
  if (!keys) co_return std::unexpected(keys.error().within(where()));
  fetched.keys = *std::move(keys);
  co_return fetched;
}

}  // namespace

struct KeyKeeper::Impl {
  Impl(Loop& on, net::Resolver& asked, OnChange told, KeyKeeperTimes given)
      : loop(on), resolver(asked), on_change(std::move(told)), times(given) {}

  KeptPtr find(std::string_view issuer) const {
    const auto it = std::ranges::find(kept, issuer, [](const KeptPtr& each) { return each->options.issuer; });
    return it == kept.end() ? nullptr : *it;
  }

  KeptPtr begin(const IssuerOptions& options) {
    auto made = std::make_shared<Kept>();
    made->options = options;
    made->known.issuer = options.issuer;
    made->known.jwks_uri = options.jwks_uri;
    loop.post([this, later = std::weak_ptr(made)] {
      const KeptPtr issuer = later.lock();
      if (issuer != nullptr && !issuer->forgotten) issuer->keeping->spawn("auth.keep_keys", keep_fresh(*issuer));
    });
    return made;
  }

  Task<> keep_fresh(Kept& issuer) {
    while (true) {
      const SteadyTime begun = steady_now();
      ++issuer.begun;
      auto fetched = co_await fetch_keys(resolver, issuer.options, issuer.trusted, times.request);
      ++issuer.ended;
      take(issuer, std::move(fetched));
      issuer.asked.reset();  // Whom this did not help asks again.
      issuer.changed.pulse();
      const auto asked = co_await with_timeout(pause_after(issuer), until_set(issuer.asked));
      if (asked) co_await sleep_for(begun + times.spacing - steady_now());
    }
  }

  Duration pause_after(const Kept& issuer) const {
    if (issuer.failures > 0) return backoff(times.backoff, issuer.failures, random_u64());
    const Duration interval = issuer.options.refresh_interval;
    return interval - Duration(random_u64() % static_cast<std::uint64_t>(interval.count() / 10 + 1));
  }

  void take(Kept& issuer, Result<Fetched> fetched) {
    IssuerKeys& known = issuer.known;
    const IssuerKeys before = known;
    known.problem = fetched ? "" : fetched.error().message();
    if (fetched) {
      issuer.failures = 0;
      known.jwks_uri = fetched->jwks_uri;
      known.keys = fetched->keys;
      ++known.generation;
      known.fetched_at = wall_now();
    } else {
      ++issuer.failures;
      issuer.trusted = nullptr;
    }
    log_change(before, known);
    const bool told = !(known == before);
    known.tried_at = wall_now();
    if (told) on_change();
  }

  static void log_change(const IssuerKeys& before, const IssuerKeys& now) {
    if (!now.problem.empty()) {
      if (now.problem == before.problem) return;
      log::warn("auth.keys_unavailable", {{"issuer", printable(now.issuer)},
                                          {"error", printable(now.problem, 500)},
                                          {"keys_before", now.keys != nullptr ? now.keys->ids().size() : 0}});
      return;
    }
    if (before.problem.empty() && before.keys != nullptr && before.keys->ids() == now.keys->ids()) return;
    log::info("auth.keys_fetched", {{"issuer", printable(now.issuer)}, {"keys", now.keys->ids().size()}});
  }

  Loop& loop;
  net::Resolver& resolver;
  OnChange on_change;
  KeyKeeperTimes times;
  std::vector<KeptPtr> kept;
  std::shared_ptr<std::size_t> waiting = std::make_shared<std::size_t>(0);
};

KeyKeeper::KeyKeeper(Loop& loop, net::Resolver& resolver, OnChange on_change, KeyKeeperTimes times)
    : impl_(std::make_unique<Impl>(loop, resolver, std::move(on_change), times)) {}

KeyKeeper::~KeyKeeper() {
  for (const KeptPtr& issuer : impl_->kept) issuer->forget();
}

void KeyKeeper::keep(const std::vector<IssuerOptions>& issuers) {
  std::vector<KeptPtr> before = std::exchange(impl_->kept, {});
  std::vector<KeptPtr> now;
  for (const IssuerOptions& options : issuers) {
    const auto same = std::ranges::find_if(
        before, [&](const KeptPtr& each) { return each != nullptr && same_place(each->options, options); });
    if (same == before.end()) {
      now.push_back(impl_->begin(options));
    } else {
      Kept& stays = *now.emplace_back(std::exchange(*same, nullptr));
      if (stays.options.refresh_interval != options.refresh_interval) stays.asked.set();
      stays.options = options;
    }
  }
  for (const KeptPtr& gone : before) {
    if (gone != nullptr) gone->forget();
  }
  impl_->kept = std::move(now);
}

std::vector<IssuerKeys> KeyKeeper::issuers() const {
  std::vector<IssuerKeys> all;
  for (const KeptPtr& issuer : impl_->kept) all.push_back(issuer->known);
  return all;
}

namespace {

// As long as `issuer` is kept, until its keys are newer, or an attempt after the first `begun` failed.
Task<> until_newer(KeptPtr issuer, std::uint64_t generation, std::uint64_t begun) {
  while (!issuer->forgotten && issuer->known.generation <= generation && issuer->ended <= begun) {
    issuer->asked.set();
    co_await issuer->changed;
  }
}

}  // namespace

Task<> KeyKeeper::newer(std::string issuer, std::uint64_t generation) {
  const KeptPtr found = impl_->find(issuer);
  const std::shared_ptr<std::size_t> waiting = impl_->waiting;
  if (found == nullptr || found->known.generation > generation || *waiting >= max_waiting) co_return;
  struct Wait {
    std::size_t& count;
    explicit Wait(std::size_t& counted) : count(++counted) {}
    ~Wait() { --count; }
  } const wait(*waiting);
  co_await with_timeout(impl_->times.patience, until_newer(found, generation, found->begun));
}

Task<> KeyKeeper::first_attempts() {
  for (const KeptPtr& issuer : std::vector(impl_->kept)) {
    while (issuer->ended == 0 && !issuer->forgotten) co_await issuer->changed;
  }
}

}  // namespace gw::auth
