#include "config/check_auth.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include "auth/shortest_secret.h"
#include "base/strings.h"
#include "model/reference.h"
#include "net/address.h"

namespace gw::config {
namespace {

using Problems = std::vector<schema::Problem>;

constexpr std::array<std::string_view, 9> algorithms{"RS256", "RS384", "RS512", "PS256", "PS384",
                                                     "PS512", "ES256", "ES384", "ES512"};

struct Origin {
  bool https = false;
  std::string_view host;  // Without brackets and port.
  std::string_view rest;
};

std::optional<Origin> split_url(std::string_view url) {
  Origin origin;
  if (url.starts_with("https://")) {
    origin.https = true;
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
  } else {
    return {};
  }
  const auto authority = url.substr(0, url.find_first_of("/?#"));
  origin.rest = url.substr(authority.size());
  if (authority.empty() || authority.find_first_of("@ ") != std::string_view::npos) return {};
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return {};
    origin.host = authority.substr(1, end - 1);
  } else {
    origin.host = authority.substr(0, authority.find(':'));
  }
  return origin;
}

// RFC 8414 section 2 asks for https; a test issuer on this machine may do without.
void check_issuer_url(const std::string& url, const std::string& field, Problems& problems) {
  const auto origin = split_url(url);
  if (!origin || url.find_first_of("?#") != std::string::npos) {
    problems.push_back(
        {field, fmt::format("'{}' is not a URL such as https://login.example.org/realm", printable(url, 80)), {}});
  } else if (!origin->https && !net::is_loopback_host(origin->host)) {
    problems.push_back(
        {field,
         fmt::format("'{}' must begin with https://: keys that come over plain http prove nothing", printable(url, 80)),
         {}});
  }
}

void check_issuers(const auth::Options& auth, Problems& problems) {
  std::set<std::string> names, prefixes;
  for (std::size_t i = 0; i < auth.issuers.size(); ++i) {
    const auth::IssuerOptions& issuer = auth.issuers[i];
    const std::string at = fmt::format("auth.issuers[{}]", i);
    check_issuer_url(issuer.issuer, at + ".issuer", problems);
    if (!issuer.jwks_uri.empty()) check_issuer_url(issuer.jwks_uri, at + ".jwksUri", problems);
    if (!names.insert(issuer.issuer).second) problems.push_back({at + ".issuer", "this issuer is given twice", {}});
    if (!prefixes.insert(issuer.user_prefix).second) {
      problems.push_back({at + ".userPrefix",
                          "another issuer has the same userPrefix: the same id would be the same user at both; give "
                          "each issuer its own",
                          {}});
    }
    if (issuer.algorithms.empty()) {
      problems.push_back({at + ".algorithms",
                          "without algorithms no token can be accepted; leave it out for the "
                          "usual ones",
                          {}});
    }
    for (const std::string& algorithm : issuer.algorithms) {
      if (std::ranges::find(algorithms, algorithm) != algorithms.end()) continue;
      problems.push_back(
          {at + ".algorithms",
           fmt::format("'{}' is not one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512",
                       printable(algorithm, 40)),
           {}});
    }
    if (issuer.claims.user.empty()) {
      problems.push_back({at + ".claims.user", "without a claim for the user nobody can be recognized", {}});
    }
  }
}

// What a reference holds is known only when it is resolved, at the start.
void check_secret(const std::string& secret, const std::string& field, Problems& problems) {
  if (const auto wrong = model::check_references(secret)) {
    problems.push_back({field, *wrong, {}});
  } else if (secret.find("${") == std::string::npos && secret.size() < auth::shortest_secret) {
    problems.push_back({field, fmt::format("must have at least {} characters", auth::shortest_secret), {}});
  }
}

void check_blocks(const std::vector<std::string>& blocks, const std::string& field, Problems& problems) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto block = net::AddressBlock::parse(blocks[i]);
    if (!block) problems.push_back({fmt::format("{}[{}]", field, i), block.error().message(), {}});
  }
}

void check_keys(const auth::Options& auth, Problems& problems) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < auth.keys.size(); ++i) {
    const std::string at = fmt::format("auth.keys[{}]", i);
    check_secret(auth.keys[i].key, at + ".key", problems);
    if (auth.keys[i].name.empty()) problems.push_back({at + ".name", "must not be empty", {}});
    if (!names.insert(auth.keys[i].name).second) {
      problems.push_back(
          {at + ".name", fmt::format("'{}' is already the name of a key", printable(auth.keys[i].name, 80)), {}});
    }
  }
}

bool is_configured(const auth::Options& auth, auth::Way way) {
  switch (way) {
    case auth::Way::token: return !auth.issuers.empty();
    case auth::Way::api_key: return auth.api_keys || !auth.keys.empty();
    case auth::Way::trusted_header: return auth.trusted_header.has_value();
    case auth::Way::development: return auth.development;
  }
  return false;
}

std::string_view member_of(auth::Way way) {
  switch (way) {
    case auth::Way::token: return "auth.issuers";
    case auth::Way::api_key: return "auth.apiKeys";
    case auth::Way::trusted_header: return "auth.trustedHeader";
    case auth::Way::development: return "auth.development";
  }
  return "";
}

void check_pipeline(const auth::Options& auth, Problems& problems) {
  for (std::size_t i = 0; i < auth.pipeline.size(); ++i) {
    const std::string field = fmt::format("auth.pipeline[{}]", i);
    const auto before = auth.pipeline.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(auth.pipeline.begin(), before, auth.pipeline[i]) != before) {
      problems.push_back({field, "this way is given twice", {}});
    }
    if (!is_configured(auth, auth.pipeline[i])) {
      problems.push_back({field, fmt::format("this way is not configured: set {}", member_of(auth.pipeline[i])), {}});
    }
  }
  if (auth.pipeline.empty()) return;
  using enum auth::Way;
  for (const auth::Way way : {token, api_key, trusted_header, development}) {
    if (is_configured(auth, way) && std::ranges::find(auth.pipeline, way) == auth.pipeline.end()) {
      problems.push_back(
          {"auth.pipeline",
           fmt::format("{} is configured but not in the pipeline; add it or remove {}", member_of(way), member_of(way)),
           {}});
    }
  }
}

void check_anonymous_paths(const auth::Options& auth, Problems& problems) {
  constexpr std::array<std::string_view, 4> allowed{"/", "/metrics", "/status", "/openapi.json"};
  for (std::size_t i = 0; i < auth.anonymous_paths.size(); ++i) {
    if (std::ranges::find(allowed, auth.anonymous_paths[i]) != allowed.end()) continue;
    problems.push_back({fmt::format("auth.anonymousPaths[{}]", i),
                        fmt::format("'{}' cannot be without identity; only /, /metrics, /status and /openapi.json can",
                                    printable(auth.anonymous_paths[i], 80)),
                        {}});
  }
}

}  // namespace

bool is_public_origin(std::string_view text) {
  const auto origin = split_url(text);
  const bool lower = std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
  return origin && origin->rest.empty() && lower;
}

void check_auth(const Options& options, Problems& problems) {
  const auth::Options& auth = options.auth;
  if (!options.public_origin.empty() && !is_public_origin(options.public_origin)) {
    problems.push_back({"publicOrigin",
                        fmt::format("'{}' is not an origin such as https://gateway.example.org (scheme, host and port "
                                    "in lower case, without a path or a slash at the end)",
                                    printable(options.public_origin, 80)),
                        {}});
  }
  check_issuers(auth, problems);
  check_keys(auth, problems);
  check_pipeline(auth, problems);
  check_anonymous_paths(auth, problems);
  if (auth.trusted_header) {
    check_secret(auth.trusted_header->secret, "auth.trustedHeader.secret", problems);
    check_blocks(auth.trusted_header->networks, "auth.trustedHeader.networks", problems);
  }
  if (auth.admin_role.empty()) {
    problems.push_back({"auth.adminRole", "must not be empty: nobody could administer the gateway", {}});
  }
  if (const auto wrong = model::check_references(auth.capabilities.public_key)) {
    problems.push_back({"auth.capabilities.publicKey", *wrong, {}});
  }
  check_blocks(options.egress.allow, "egress.allow", problems);
  check_blocks(options.egress.deny, "egress.deny", problems);
}

}  // namespace gw::config
