#include "process/environment.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace gw::process {
namespace {

constexpr std::array<std::string_view, 14> exact = {"PATH",
                                                    "HOME",
                                                    "USER",
                                                    "LOGNAME",
                                                    "SHELL",
                                                    "LANG",
                                                    "TZ",
                                                    "TMPDIR",
                                                    "SSL_CERT_FILE",
                                                    "SSL_CERT_DIR",
                                                    "NODE_EXTRA_CA_CERTS",
                                                    "REQUESTS_CA_BUNDLE",
                                                    "LANGUAGE",
                                                    "UV_CACHE_DIR"};
constexpr std::array<std::string_view, 2> prefixes = {"LC_", "XDG_"};
constexpr std::array<std::string_view, 8> in_any_case = {
    "http_proxy",          "https_proxy",      "no_proxy",          "all_proxy",
    "npm_config_registry", "npm_config_cache", "npm_config_prefix", "npm_config_userconfig"};

}  // namespace

bool is_inherited(std::string_view variable) {
  return std::ranges::find(exact, variable) != exact.end() ||
         std::ranges::any_of(prefixes, [&](auto prefix) { return variable.starts_with(prefix); }) ||
         std::ranges::any_of(in_any_case, [&](auto name) { return iequals(name, variable); });
}

Environment inherited_environment(const char* const* variables) {
  Environment chosen;
  for (; *variables != nullptr; ++variables) {
    const std::string_view entry = *variables;
    const auto equals = entry.find('=');
    if (equals == entry.npos || !is_inherited(entry.substr(0, equals))) continue;
    chosen.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return chosen;
}

}  // namespace gw::process
