#include <algorithm>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "config/check_auth.h"
#include "config/check_federation.h"
#include "config/check_router.h"
#include "config/load.h"
#include "config/tables.h"
#include "limits/check.h"
#include "net/address.h"
#include "policy/check.h"

namespace gw::config {
namespace {

using Problems = std::vector<schema::Problem>;

void check_public_address(const Options& options, const ListenOptions& listen, const std::string& field,
                          Problems& problems) {
  const std::string shown = printable(listen.address, 80);
  if (options.auth.development) {
    problems.push_back({field,
                        fmt::format("'{}' can be reached from other machines, and auth.development believes whatever "
                                    "they say; listen on 127.0.0.1, or remove auth.development",
                                    shown),
                        {}});
  } else if (!options.allow_public && !options.auth.keeps_strangers_out()) {
    problems.push_back({field,
                        fmt::format("'{}' can be reached from other machines, and nobody would be asked who he is; "
                                    "configure auth, listen on 127.0.0.1, or set allowPublic: true if something in "
                                    "front of the gateway keeps strangers out",
                                    shown),
                        {}});
  } else if (!options.auth.issuers.empty() && options.public_origin.empty()) {
    problems.push_back({"publicOrigin",
                        fmt::format("'{}' can be reached under other names, and tokens are meant for one of them; set "
                                    "publicOrigin to the one that clients use",
                                    shown),
                        {}});
  }
}

void check_address(const Options& options, const ListenOptions& listen, const std::string& field, Problems& problems) {
  const auto address = net::parse_host_port(listen.address);
  if (!address) {
    problems.push_back({field, address.error().message(), {}});
  } else if (!net::is_loopback_host(address->host)) {
    check_public_address(options, listen, field, problems);
  }
}

void check_listen(const Options& options, Problems& problems) {
  if (options.listen.empty()) problems.push_back({"listen", "there must be at least one address", {}});
  for (std::size_t i = 0; i < options.listen.size(); ++i) {
    const ListenOptions& listen = options.listen[i];
    check_address(options, listen, fmt::format("listen[{}].address", i), problems);
    const auto is_same = [&](const ListenOptions& other) { return other.address == listen.address; };
    if (listen.address.ends_with(":0")) continue;
    if (std::ranges::count_if(options.listen.begin(), options.listen.begin() + static_cast<std::ptrdiff_t>(i),
                              is_same)) {
      problems.push_back({fmt::format("listen[{}].address", i), "this address is given twice", {}});
    }
  }
}

bool is_origin(std::string_view text) {
  if (text == "*") return true;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0) return false;
  const auto host = text.substr(scheme_end + 3);
  return !host.empty() && host.find_first_of("/?#@ ") == std::string_view::npos;
}

void check_http(const HttpOptions& http, Problems& problems) {
  for (std::size_t i = 0; i < http.allowed_origins.size(); ++i) {
    if (is_origin(http.allowed_origins[i])) continue;
    problems.push_back(
        {fmt::format("http.allowedOrigins[{}]", i),
         fmt::format("'{}' is not an origin such as https://app.example.org (scheme, host and port, no path)",
                     printable(http.allowed_origins[i], 80)),
         {}});
  }
  for (std::size_t i = 0; i < http.allowed_hosts.size(); ++i) {
    const std::string& host = http.allowed_hosts[i];
    if (!host.empty() && host.find_first_of("/@ ?#") == std::string::npos) continue;
    problems.push_back({fmt::format("http.allowedHosts[{}]", i),
                        fmt::format("'{}' is not a host name such as gateway.example.org", printable(host, 80)),
                        {}});
  }
  for (std::size_t i = 0; i < http.trusted_proxies.size(); ++i) {
    const auto block = net::AddressBlock::parse(http.trusted_proxies[i]);
    if (!block) problems.push_back({fmt::format("http.trustedProxies[{}]", i), block.error().message(), {}});
  }
}

}  // namespace

std::vector<schema::Problem> check_options(const Options& options) {
  Problems problems;
  check_listen(options, problems);
  check_http(options.http, problems);
  check_auth(options, problems);
  check_federation(options.federation, options.virtual_servers, problems);
  check_router(options.router, problems);
  std::ranges::move(limits::check_rules(options.limits), std::back_inserter(problems));
  for (auto& problem : policy::check(options.policy)) {
    problem.field = "policy." + problem.field;
    problems.push_back(std::move(problem));
  }
  return problems;
}

std::vector<std::string> changed_needing_restart(const Options& before, const Options& after) {
  std::vector<std::string> names;
  for (const schema::Field& field : options_object().table().fields()) {
    const bool changed = field.type->write(field.in(&before)) != field.type->write(field.in(&after));
    if (field.options.restart && changed) names.push_back(field.name);
  }
  if (before.log.format != after.log.format) names.push_back("log.format");
  return names;
}

}  // namespace gw::config
