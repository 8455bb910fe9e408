#include "config/check_router.h"

#include <algorithm>

#include <fmt/core.h>

#include "auth/shortest_secret.h"
#include "base/strings.h"
#include "http/url.h"
#include "model/reference.h"

namespace gw::config {
namespace {

using Problems = std::vector<schema::Problem>;

constexpr std::size_t most_endpoints = 256;

void check_endpoints(const RouterOptions& router, Problems& problems) {
  const auto& endpoints = router.endpoints;
  if (router.mode == RouterMode::gateway && endpoints.empty()) {
    problems.push_back({"router.endpoints",
                        "a gateway without routers could answer nobody; name their URLs, or set router.mode: both",
                        {}});
  }
  if (endpoints.size() > most_endpoints) {
    problems.push_back({"router.endpoints", fmt::format("at most {} routers", most_endpoints), {}});
  }
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const std::string field = fmt::format("router.endpoints[{}]", i);
    const auto url = http::parse_url(endpoints[i]);
    if (!url) {
      problems.push_back({field, url.error().message(), {}});
    } else if (url->target != "/") {
      problems.push_back({field,
                          fmt::format("'{}' has a path; give scheme, host and port only: clients' paths are passed on",
                                      printable(url->shown(), 80)),
                          {}});
    } else if (std::find(endpoints.begin(), endpoints.begin() + static_cast<std::ptrdiff_t>(i), endpoints[i]) !=
               endpoints.begin() + static_cast<std::ptrdiff_t>(i)) {
      problems.push_back({field, "this router is named twice", {}});
    }
  }
}

// What a reference holds is known only when it is resolved, at the start.
void check_secret(const RouterOptions& router, Problems& problems) {
  const std::string& secret = router.secret;
  if (secret.empty()) {
    if (router.mode == RouterMode::both) return;
    problems.push_back({"router.secret",
                        "a gateway and its routers need a secret that nobody else knows; write one with "
                        "`openssl rand -base64 32` and refer to it: ${file:/run/secrets/router}",
                        {}});
  } else if (const auto wrong = model::check_references(secret)) {
    problems.push_back({"router.secret", *wrong, {}});
  } else if (!model::has_references(secret) && secret.size() < auth::shortest_secret) {
    problems.push_back({"router.secret", fmt::format("must have at least {} characters", auth::shortest_secret), {}});
  }
}

}  // namespace

void check_router(const RouterOptions& router, Problems& problems) {
  check_endpoints(router, problems);
  check_secret(router, problems);
}

}  // namespace gw::config
