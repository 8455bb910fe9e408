// bench_auth: what it costs a worker to know who sent a request, without sockets around it. Prints one JSON object;
// docs/benchmarks.md explains the figures. The only instrument that is made of the gateway's own code: it measures
// that.
#include <fmt/core.h>
#include <boost/json.hpp>
#include <CLI/CLI.hpp>

#include <ctime>

#include "auth/authenticator.h"
#include "base/check.h"
#include "bench/common/clock.h"
#include "testing/tokens.h"

namespace gw::bench {
namespace {

using auth::Authenticator;
using auth::IssuerOptions;
using auth::KeySet;
using testing::SigningKey;
using Tokens = std::vector<std::string>;

const std::string kOrigin = "http://gateway.bench";
const std::vector<std::string> kAudiences{kOrigin + "/adapters/a0/mcp", kOrigin, kOrigin + "/"};
const IssuerOptions kIssuer{.issuer = "http://127.0.0.1:9000"};
constexpr std::int64_t kLifetime = 3600;

std::int64_t unix_now() {
  return std::chrono::floor<std::chrono::seconds>(wall_now()).time_since_epoch().count();
}

// CPU time of this thread: what other processes do meanwhile does not count.
Nanos cpu_now() {
  timespec time;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

template <class Call>
double nanos_per_call(Nanos duration, Call call) {
  constexpr std::size_t batch = 256;  // Asking for the time costs as much as the shortest call.
  const auto run = [&](Nanos time) {
    std::size_t calls = 0;
    const Nanos start = cpu_now();
    Nanos spent = 0;
    for (; spent < time; spent = cpu_now() - start) {
      for (std::size_t i = 0; i < batch; ++i) call(calls++);
    }
    return static_cast<double>(spent) / static_cast<double>(calls);
  };
  run(duration / 5);
  return run(duration);
}

// Claims as providers make them. With RS256 the token has about 900 bytes.
std::string claims(std::size_t number) {
  const std::int64_t now = unix_now();
  return testing::to_json({{"iss", '"' + kIssuer.issuer + '"'},
                           {"sub", R"("3f9c2a54-6d1b-4c6e-9a58-0b7c1d2e3f40")"},
                           {"aud", '"' + kOrigin + '"'},
                           {"exp", std::to_string(now + kLifetime)},
                           {"iat", std::to_string(now)},
                           {"jti", fmt::format("\"5d0c7a3e-{:08}\"", number)},
                           {"azp", R"("bench-client")"},
                           {"scope", R"("openid profile mcp:tools")"},
                           {"name", R"("Alice Example")"},
                           {"preferred_username", R"("alice@example.org")"},
                           {"roles", R"(["mcp.engineer","reader","writer"])"},
                           {"groups", R"(["engineering","on-call"])"}});
}

Tokens sign(const SigningKey& key, std::string_view algorithm, std::size_t count) {
  Tokens tokens;
  for (std::size_t i = 0; i < count; ++i) tokens.push_back(key.sign(claims(i), algorithm));
  return tokens;
}

// A token that this worker meets for the first time: everything but remembering it.
double verification(Nanos duration, const KeySet& keys, const Tokens& tokens) {
  const std::int64_t now = unix_now();
  return nanos_per_call(duration, [&](std::size_t i) {
    const std::string& token = tokens[i % tokens.size()];
    GW_CHECK(auth::peek(token)->issuer == kIssuer.issuer);
    GW_CHECK(auth::verify(token, kIssuer, keys, kAudiences, now).has_value());
  });
}

class NoRefresh : public auth::KeyRefresh {
 public:
  Task<auth::StatePtr> newer_keys(Loop&, std::string, std::uint64_t) override { co_return nullptr; }
};

// A worker's authenticator. Nothing here has to wait.
class Worker {
 public:
  explicit Worker(auth::StatePtr state) { authenticator_.apply(std::move(state)); }

  // The value of Authorization is accepted.
  void authenticate(std::string_view authorization) {
    auto outcome = authenticator_.authenticate({.authorization = authorization, .audiences = &kAudiences});
    GW_CHECK(outcome.await_ready() && outcome.await_resume().has_value());
  }

  std::uint64_t verified() const { return counters_.verified.get(); }

 private:
  Loop loop_;
  NoRefresh refresh_;
  auth::Counters counters_;
  Authenticator authenticator_{loop_, refresh_, counters_};
};

double remembered_token(Nanos duration, std::shared_ptr<const KeySet> keys, const Tokens& tokens) {
  auto state = std::make_shared<auth::State>();
  state->options.issuers = {kIssuer};
  state->pipeline = {auth::Way::token};
  state->issuers = {{.options = kIssuer, .keys = std::move(keys), .generation = 1}};
  Worker worker(state);
  Tokens fields;
  for (const std::string& token : tokens) {
    fields.push_back("Bearer " + token);
    worker.authenticate(fields.back());
  }
  const double nanos = nanos_per_call(duration, [&](std::size_t i) { worker.authenticate(fields[i % fields.size()]); });
  GW_CHECK(worker.verified() == tokens.size());
  return nanos;
}

double api_key(Nanos duration) {
  const std::string key = "mcpg_bench_0123456789abcdefghijklmnopqrstuvwxyzABCDEF";
  auto state = std::make_shared<auth::State>();
  state->options.api_keys = true;
  state->pipeline = {auth::Way::api_key};
  state->api_keys = std::make_shared<const auth::ApiKeys>(
      std::vector<auth::ApiKey>{*auth::configured_api_key("bench", SecretString(key), {"mcp.engineer"})});
  Worker worker(state);
  const std::string field = "Bearer " + key;
  return nanos_per_call(duration, [&](std::size_t) { worker.authenticate(field); });
}

boost::json::object measure(Nanos duration, std::size_t count) {
  const SigningKey rsa = SigningKey::rsa("rsa"), ec = SigningKey::ec("ec");
  const auto keys = *KeySet::parse(testing::key_set_text({rsa.public_jwk(), ec.public_jwk()}));
  boost::json::object verify;
  for (const char* algorithm : {"RS256", "PS256", "ES256"}) {
    const SigningKey& key = algorithm[0] == 'E' ? ec : rsa;
    verify[algorithm] = verification(duration, *keys, sign(key, algorithm, count)) / 1e3;
  }
  const Tokens tokens = sign(rsa, "RS256", count);
  return {{"verify_us", verify},
          {"remembered_token_ns", remembered_token(duration, keys, tokens)},
          {"api_key_ns", api_key(duration)},
          {"token_bytes", tokens.front().size()},
          {"tokens", count}};
}

}  // namespace
}  // namespace gw::bench

int main(int argc, char** argv) {
  CLI::App app("Measures authentication without a network: prints one JSON object");
  double duration = 0.5;
  std::size_t tokens = 256;
  app.add_option("--duration", duration, "Seconds of CPU time for each figure")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str();
  app.add_option("--tokens", tokens, "Different tokens that are used in turn")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto report = gw::bench::measure(static_cast<gw::bench::Nanos>(duration * gw::bench::kSecond), tokens);
  fmt::print("{}\n", boost::json::serialize(report));
  return 0;
}
