#include "access/publisher.h"

#include <fmt/core.h>

#include "auth/shortest_secret.h"
#include "runtime/event.h"

namespace gw::access {
namespace {

Error first_of(const std::vector<schema::Problem>& problems) {
  const schema::Problem& first = problems.front();
  return {Errc::invalid, fmt::format("{}: {}", first.field, first.message), first.field};
}

Result<SecretString> resolve(const std::string& text, const std::string& field,
                             const model::ReferenceSources& references) {
  auto resolved = model::resolve_references(text, references);
  if (!resolved) return std::unexpected(resolved.error().within(field).at(field));
  return SecretString(*std::move(resolved));
}

std::vector<auth::Way> pipeline_of(const auth::Options& options) {
  if (!options.pipeline.empty()) return options.pipeline;
  std::vector<auth::Way> ways;
  if (!options.issuers.empty()) ways.push_back(auth::Way::token);
  if (options.api_keys || !options.keys.empty()) ways.push_back(auth::Way::api_key);
  if (options.trusted_header) ways.push_back(auth::Way::trusted_header);
  if (options.development) ways.push_back(auth::Way::development);
  return ways;
}

}  // namespace

// All of auth::State but the keys of issuers and those made through the API.
struct Publisher::Prepared {
  Declared declared;
  auth::State state;
  std::vector<auth::ApiKey> configured_keys;
  policy::Policy policy;
};

Publisher::Publisher(Loop& control, net::Resolver& resolver, limits::Limiter& limiter, Publish publish)
    : control_(control),
      limiter_(limiter),
      publish_(std::move(publish)),
      keeper_(control, resolver, [this] { this->publish(); }) {}

Publisher::~Publisher() = default;

Result<std::shared_ptr<Publisher::Prepared>> Publisher::prepare(Declared declared,
                                                                const model::ReferenceSources& references) const {
  auto made = std::make_shared<Prepared>();
  const auth::Options& options = declared.auth;
  auth::State& state = made->state;
  state.options = options;
  state.pipeline = pipeline_of(options);

  auto compiled = policy::Policy::compile(declared.policy);
  if (!compiled) return std::unexpected(first_of(compiled.error()).within("policy"));
  made->policy = *std::move(compiled);
  if (const auto wrong = limits::Limiter::check(declared.limits); !wrong.empty()) {
    return std::unexpected(first_of(wrong));
  }

  for (std::size_t i = 0; i < options.keys.size(); ++i) {
    const std::string field = fmt::format("auth.keys[{}].key", i);
    GW_TRY(const SecretString key, resolve(options.keys[i].key, field, references));
    auto configured = auth::configured_api_key(options.keys[i].name, key, options.keys[i].roles);
    if (!configured) return std::unexpected(configured.error().within(field).at(field));
    made->configured_keys.push_back(*std::move(configured));
  }
  if (options.trusted_header) {
    const std::string field = "auth.trustedHeader.secret";
    GW_TRY(state.trusted_secret, resolve(options.trusted_header->secret, field, references));
    if (state.trusted_secret.reveal().size() < auth::shortest_secret) {
      return std::unexpected(Error(
          Errc::invalid, fmt::format("{}: must have at least {} characters", field, auth::shortest_secret), field));
    }
    for (const std::string& block : options.trusted_header->networks) {
      GW_TRY(auto parsed, net::AddressBlock::parse(block));
      state.trusted_networks.push_back(parsed);
    }
  }
  if (!options.capabilities.public_key.empty()) {
    const std::string field = "auth.capabilities.publicKey";
    GW_TRY(const SecretString pem, resolve(options.capabilities.public_key, field, references));
    auto verifier = auth::CapabilityVerifier::make(pem.reveal());
    if (!verifier) return std::unexpected(verifier.error().within(field).at(field));
    state.capabilities = *std::move(verifier);
  }
  made->declared = std::move(declared);
  return made;
}

void Publisher::commit(std::shared_ptr<Prepared> prepared) {
  prepared_ = std::move(prepared);
  limiter_.apply(prepared_->declared.limits);
  keeper_.keep(prepared_->declared.auth.issuers);
  publish();
}

void Publisher::set_api_keys(std::vector<auth::ApiKey> keys) {
  made_keys_ = std::move(keys);
  publish();
}

void Publisher::publish() {
  if (!prepared_) return;
  const Declared& declared = prepared_->declared;
  auto state = std::make_shared<auth::State>(prepared_->state);
  const auto known = keeper_.issuers();
  for (std::size_t i = 0; i < declared.auth.issuers.size() && i < known.size(); ++i) {
    state->issuers.push_back({.options = declared.auth.issuers[i],
                              .keys = known[i].keys,
                              .generation = known[i].generation,
                              .problem = known[i].problem});
  }
  auto keys = prepared_->configured_keys;
  if (declared.auth.api_keys) keys.insert(keys.end(), made_keys_.begin(), made_keys_.end());
  state->api_keys = std::make_shared<const auth::ApiKeys>(std::move(keys));
  settings_ = std::make_shared<const Settings>(Settings{.auth = std::move(state),
                                                        .policy = prepared_->policy,
                                                        .origin = declared.origin,
                                                        .trusted_proxies = declared.trusted_proxies});
  publish_(settings_);
}

Task<> Publisher::first_attempts() {
  co_await keeper_.first_attempts();
}

Task<> Publisher::refresh(std::string issuer, std::uint64_t generation) {
  co_await keeper_.newer(std::move(issuer), generation);
}

Task<auth::StatePtr> Publisher::newer_keys(Loop& loop, std::string issuer, std::uint64_t generation) {
  // Shared with the control loop: the worker's task may end before the keys come.
  struct Wait {
    Event done;
    auth::StatePtr state;
  };
  if (closed_) co_return nullptr;
  auto wait = std::make_shared<Wait>();
  control_.post([this, &loop, wait, issuer = std::move(issuer), generation] {
    refreshes_.spawn("access.newer_keys",
                     [](Publisher& self, Loop& worker, std::shared_ptr<Wait> waiting, std::string name,
                        std::uint64_t known) -> Task<> {
                       co_await self.refresh(std::move(name), known);
                       worker.post([waiting, state = self.settings_->auth] {
                         waiting->state = state;
                         waiting->done.set();
                       });
                     }(*this, loop, wait, issuer, generation));
  });
  co_await wait->done;
  co_return wait->state;
}

void Publisher::close() {
  closed_ = true;
}

}  // namespace gw::access
