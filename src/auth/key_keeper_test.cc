#include "auth/key_keeper.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "auth/metadata.h"
#include "base/log.h"
#include "testing/certificates.h"
#include "testing/run.h"
#include "testing/tokens.h"
#include "testing/web_server.h"

namespace gw::auth {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::key_set_text;
using testing::SigningKey;
using testing::WebServer;

constexpr const char* oauth_path = "/.well-known/oauth-authorization-server";
constexpr const char* openid_path = "/.well-known/openid-configuration";

std::string keys_named(const std::string& id) {
  static std::map<std::string, std::string> made;
  std::string& text = made[id];
  if (text.empty()) text = key_set_text({SigningKey::ec(id).public_jwk()});
  return text;
}

std::string metadata(const std::string& issuer, const std::string& jwks_uri) {
  return fmt::format(R"({{"issuer":"{}","jwks_uri":"{}"}})", issuer, jwks_uri);
}

// What the gateway logged while this lived.
class LogBook {
 public:
  LogBook() {
    events().clear();
    log::set_sink([](log::Level level, std::string_view event, std::span<const log::Field>) {
      if (level >= log::Level::info) events().emplace_back(event);
    });
  }
  ~LogBook() {
    log::set_sink([](log::Level, std::string_view, std::span<const log::Field>) {});
  }
  std::size_t count(std::string_view event) const {
    return static_cast<std::size_t>(std::ranges::count(events(), event));
  }

 private:
  static std::vector<std::string>& events() {
    static std::vector<std::string> all;
    return all;
  }
};

// An authorization server whose pages the test writes; what has no page is 404.
struct World {
  explicit World(std::shared_ptr<const net::TlsContext> tls = nullptr)
      : server([this](http::Exchange& exchange) { return answer(exchange); }, std::move(tls)) {}

  Task<Result<>> answer(http::Exchange& exchange) {
    if (hangs) co_await open;
    const auto page = pages.find(std::string(exchange.request().path));
    if (page == pages.end()) co_return co_await exchange.respond(404, "text/plain", "no such page");
    if (!page->second.starts_with("-> ")) co_return co_await exchange.respond(200, "application/json", page->second);
    exchange.start(302, 0);
    exchange.field("Location", page->second.substr(3));
    co_return co_await exchange.write("", http::Last::yes);
  }

  std::string issuer() const { return server.origin(); }
  // The issuer's options with its keys at /keys.
  IssuerOptions options() const { return {.issuer = issuer(), .jwks_uri = issuer() + "/keys"}; }
  std::size_t asked(const std::string& target) const {
    return static_cast<std::size_t>(std::ranges::count(server.targets, target));
  }
  IssuerKeys known() const { return keeper.issuers().at(0); }
  std::vector<std::string> ids() const { return known().keys ? known().keys->ids() : std::vector<std::string>(); }
  Task<> until(std::function<bool()> condition) {
    while (!condition()) co_await yield();
  }

  std::map<std::string, std::string> pages;
  bool hangs = false;
  Event open;
  WebServer server;
  BlockingPool pool{1};
  net::Resolver resolver{pool};
  std::size_t changes = 0;
  KeyKeeper keeper{*Loop::current(), resolver, [this] { ++changes; }, hasty()};

  static KeyKeeperTimes hasty() {
    return {.backoff = {.first = milliseconds(1), .longest = milliseconds(2)}, .spacing = milliseconds(1)};
  }
};

TEST(IssuerMetadata, IsLookedForInTheOrderOfTheSpecifications) {
  const auto urls = [](std::string_view issuer) { return metadata_urls(issuer).value(); };
  const std::string as = "https://as.example";
  EXPECT_THAT(urls(as), ElementsAre(as + oauth_path, as + openid_path));
  EXPECT_THAT(urls(as + "/"), ElementsAre(as + oauth_path, as + openid_path));
  for (const char* path : {"/t/2", "/t/2/"}) {
    EXPECT_THAT(urls(as + path),
                ElementsAre(as + oauth_path + "/t/2", as + openid_path + "/t/2", as + "/t/2" + openid_path));
  }
  EXPECT_THAT(urls("http://127.0.0.1:8080")[0], "http://127.0.0.1:8080" + std::string(oauth_path));
  for (const char* none : {"", "my issuer", "ftp://as.example", "https://as.example/?a=b", "https://as.example/#x"}) {
    EXPECT_EQ(metadata_urls(none).error().code(), Errc::invalid) << none;
  }
}

TEST(KeyKeeper, FindsTheKeysThroughTheIssuersMetadata) {
  testing::run([]() -> Task<> {
    World world;
    const std::string issuer = world.issuer() + "/realm";
    world.pages[std::string(oauth_path) + "/realm"] = "<html>everything is this page</html>";
    world.pages[std::string(openid_path) + "/realm"] = metadata(world.issuer(), world.issuer() + "/keys-of-another");
    world.pages["/realm" + std::string(openid_path)] = metadata(issuer, world.issuer() + "/keys");
    world.pages["/keys"] = keys_named("first");
    world.pages["/keys-of-another"] = keys_named("another");
    world.keeper.keep({{.issuer = issuer}});
    co_await world.keeper.first_attempts();
    EXPECT_EQ(world.known().problem, "");
    EXPECT_EQ(world.known().jwks_uri, world.issuer() + "/keys");
    EXPECT_EQ(world.known().generation, 1u);
    EXPECT_THAT(world.ids(), ElementsAre("first"));
    EXPECT_EQ(world.changes, 1u);
    EXPECT_EQ(world.server.targets.size(), 4u);
  });
}

TEST(KeyKeeper, SaysWhyThereAreNoKeys) {
  testing::run([]() -> Task<> {
    World world;
    const auto problem_of = [&](IssuerOptions options) -> Task<std::string> {
      world.keeper.keep({});
      world.keeper.keep({std::move(options)});
      co_await world.keeper.first_attempts();
      EXPECT_EQ(world.known().keys, nullptr);
      co_return world.known().problem;
    };
    const std::string origin = world.issuer();
    EXPECT_EQ(co_await problem_of({.issuer = origin}),
              fmt::format("the issuer has no metadata: {0}{1} answered 404, {0}{2} answered 404", origin, oauth_path,
                          openid_path));
    world.pages[oauth_path] = metadata(origin + "/", origin + "/keys");
    EXPECT_THAT(co_await problem_of({.issuer = origin}), HasSubstr("is of the issuer '" + origin + "/'"))
        << "a slash more is another issuer";
    world.pages[oauth_path] = fmt::format(R"({{"issuer":"{}"}})", origin);
    EXPECT_EQ(co_await problem_of({.issuer = origin}), "the issuer's metadata has no jwks_uri");

    EXPECT_EQ(co_await problem_of(world.options()), origin + "/keys answered 404");
    world.pages["/keys"] = R"({"keys":"secret"})";
    EXPECT_EQ(co_await problem_of(world.options()),
              origin + "/keys: this is not a JSON Web Key Set: it has no list 'keys'");
    world.pages["/keys"] = "-> /moved";
    world.pages["/moved"] = keys_named("moved");
    EXPECT_EQ(co_await problem_of(world.options()), origin + "/keys answered 302");
    EXPECT_EQ(world.asked("/moved"), 0u);
    EXPECT_THAT(co_await problem_of({.issuer = origin, .ca_file = "/no/such/file"}), HasSubstr("/no/such/file"));
    EXPECT_THAT(co_await problem_of({.issuer = "http://192.0.2.1"}), HasSubstr("must begin with https://"));
  });
}

TEST(KeyKeeper, TakesKeysOfAnHttpsIssuerFromHttpsOnly) {
  testing::run([]() -> Task<> {
    const auto& made = testing::Certificates::get();
    World plain;
    World world(net::TlsContext::server(made.path("cert.pem"), made.path("key.pem")).value());
    world.pages["/keys"] = plain.pages["/keys"] = keys_named("k");
    for (const std::string& jwks_uri : {plain.issuer() + "/keys", world.issuer() + "/keys"}) {
      world.pages[oauth_path] = metadata(world.issuer(), jwks_uri);
      world.keeper.keep({});
      world.keeper.keep({{.issuer = world.issuer(), .ca_file = made.path("ca.pem")}});
      co_await world.keeper.first_attempts();
      const bool good = jwks_uri.starts_with("https://");
      EXPECT_EQ(world.known().problem, good ? "" : "the issuer names a jwks_uri that does not begin with https://");
      EXPECT_EQ(world.known().keys != nullptr, good);
    }
    EXPECT_TRUE(plain.server.targets.empty());
  });
}

TEST(KeyKeeper, IsNotLedIntoPrivateNetworksByMetadata) {
  testing::run([]() -> Task<> {
    World world;
    World inside;
    inside.pages["/keys"] = keys_named("k");
    world.pages[oauth_path] = metadata(world.issuer(), inside.issuer() + "/keys");
    world.keeper.keep({{.issuer = world.issuer()}});
    co_await world.keeper.first_attempts();
    EXPECT_THAT(world.known().problem, HasSubstr("set jwksUri of the issuer"));
    EXPECT_TRUE(inside.server.targets.empty());
    world.keeper.keep({{.issuer = world.issuer(), .jwks_uri = inside.issuer() + "/keys"}});
    co_await world.keeper.first_attempts();
    EXPECT_EQ(world.known().problem, "");
  });
}

TEST(KeyKeeper, KeepsTheLastGoodKeysUntilTheIssuerIsWellAgain) {
  testing::run([]() -> Task<> {
    const LogBook logged;
    World world;
    world.pages["/keys"] = keys_named("old");
    world.keeper.keep({world.options()});
    co_await world.keeper.first_attempts();
    const auto old = world.known();

    world.pages["/keys"] = "garbage";
    co_await world.keeper.newer(world.issuer(), old.generation);
    EXPECT_THAT(world.known().problem, HasSubstr("not a JSON Web Key Set"));
    EXPECT_EQ(world.known().keys, old.keys);
    EXPECT_EQ(world.known().generation, old.generation);
    EXPECT_EQ(world.known().fetched_at, old.fetched_at);
    const std::size_t asked = world.asked("/keys");
    co_await world.until([&] { return world.asked("/keys") > asked + 2; });
    EXPECT_EQ(world.changes, 2u) << "the same problem is told once";
    EXPECT_EQ(logged.count("auth.keys_unavailable"), 1u);

    world.pages["/keys"] = keys_named("new");
    co_await world.until([&] { return world.known().problem.empty(); });
    EXPECT_THAT(world.ids(), ElementsAre("new"));
    EXPECT_EQ(world.known().generation, old.generation + 1);
    EXPECT_EQ(logged.count("auth.keys_fetched"), 2u);
  });
}

TEST(KeyKeeper, FetchesAgainBeforeTheKeysAreOld) {
  testing::run([]() -> Task<> {
    const LogBook logged;
    World world;
    world.pages["/keys"] = keys_named("k");
    IssuerOptions options = world.options();
    options.refresh_interval = milliseconds(2);
    world.keeper.keep({options});
    co_await world.until([&] { return !world.keeper.issuers().empty() && world.known().generation >= 5; });
    EXPECT_EQ(logged.count("auth.keys_fetched"), 1u) << "the same keys are no news";
  });
}

TEST(KeyKeeper, FetchesOnceForAllWhoMeetANewKey) {
  testing::run([]() -> Task<> {
    World world;
    world.pages["/keys"] = keys_named("old");
    world.keeper.keep({world.options()});
    co_await world.keeper.first_attempts();
    world.pages["/keys"] = keys_named("new");
    TaskGroup group;
    std::size_t told = 0;
    for (int i = 0; i < 50; ++i) {
      group.spawn("wait", [](World& w, std::size_t& count) -> Task<> {
        co_await w.keeper.newer(w.issuer(), 1);
        EXPECT_THAT(w.ids(), ElementsAre("new"));
        ++count;
      }(world, told));
    }
    co_await world.until([&] { return told == 50; });
    EXPECT_EQ(world.asked("/keys"), 2u);

    co_await world.keeper.newer(world.issuer(), 1);
    co_await world.keeper.newer("https://unknown.example", 0);
    EXPECT_EQ(world.asked("/keys"), 2u) << "nobody had to wait for anything";
  });
}

TEST(KeyKeeper, LeavesTimeBetweenAttemptsThatAreAskedFor) {
  testing::run([]() -> Task<> {
    World world;
    world.pages["/keys"] = keys_named("k");
    KeyKeeperTimes times = World::hasty();
    times.spacing = milliseconds(40);
    KeyKeeper keeper(*Loop::current(), world.resolver, [] {}, times);
    const SteadyTime begun = steady_now();
    keeper.keep({world.options()});
    for (std::uint64_t generation = 0; generation < 4; ++generation) {
      co_await keeper.newer(world.issuer(), generation);
      EXPECT_EQ(keeper.issuers().at(0).generation, generation + 1);
    }
    EXPECT_GE(steady_now() - begun, 3 * milliseconds(40));
    EXPECT_EQ(world.asked("/keys"), 4u);
  });
}

TEST(KeyKeeper, NobodyWaitsForLongOrInAnEndlessCrowd) {
  testing::run([]() -> Task<> {
    World world;
    world.hangs = true;
    KeyKeeperTimes times = World::hasty();
    times.request = std::chrono::minutes(1);
    times.patience = milliseconds(20);
    KeyKeeper keeper(*Loop::current(), world.resolver, [] {}, times);
    keeper.keep({world.options()});
    co_await world.until([&] { return world.server.targets.size() == 1; });
    co_await keeper.newer(world.issuer(), 0);
    EXPECT_EQ(keeper.issuers().at(0).tried_at, WallTime()) << "the attempt goes on";

    times.request = milliseconds(20);
    KeyKeeper hasty(*Loop::current(), world.resolver, [] {}, times);
    hasty.keep({world.options()});
    co_await hasty.first_attempts();
    EXPECT_THAT(hasty.issuers().at(0).problem, HasSubstr("it took longer than 20 ms"));

    times.request = times.patience = std::chrono::minutes(1);
    KeyKeeper patient(*Loop::current(), world.resolver, [] {}, times);
    patient.keep({world.options()});
    TaskGroup group;
    for (int i = 0; i < 1000; ++i) group.spawn("wait", patient.newer(world.issuer(), 0));
    co_await patient.newer(world.issuer(), 0);
    EXPECT_EQ(group.size(), 1000u);
    patient.keep({});
    co_await world.until([&] { return group.size() == 0; });
  });
}

TEST(KeyKeeper, ForgetsWhomItShallNotKeepAndKeepsWhatIsKnownOfOthers) {
  testing::run([]() -> Task<> {
    World world;
    World other;
    world.pages["/keys"] = world.pages["/other-keys"] = keys_named("k");
    other.pages["/keys"] = keys_named("o");
    world.keeper.keep({world.options(), other.options()});
    co_await world.keeper.first_attempts();

    IssuerOptions changed = other.options();
    changed.claims.roles = {"groups"};
    world.keeper.keep({changed, world.options()});
    EXPECT_EQ(world.known().issuer, other.issuer()) << "in the order of keep()";
    EXPECT_EQ(world.known().generation, 1u);
    EXPECT_NE(world.known().keys, nullptr);

    IssuerOptions moved = world.options();
    moved.jwks_uri = world.issuer() + "/other-keys";
    world.keeper.keep({moved});
    EXPECT_EQ(world.keeper.issuers().size(), 1u);
    EXPECT_EQ(world.known().keys, nullptr) << "keys of another place are not its keys";
    co_await world.keeper.first_attempts();
    EXPECT_THAT(world.ids(), ElementsAre("k"));
    EXPECT_EQ(other.asked("/keys"), 1u);
  });
}

}  // namespace
}  // namespace gw::auth
