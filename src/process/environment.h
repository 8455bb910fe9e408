// Which variables of the gateway's environment a child process sees. An allow-list: the gateway's own secrets, and what
// its service manager or shell keeps there, are not a server's business.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace gw::process {

using Environment = std::map<std::string, std::string>;

// PATH, HOME, USER, LOGNAME, SHELL, LANG, LANGUAGE, LC_*, TZ, TMPDIR, XDG_*; proxies (HTTP_PROXY, HTTPS_PROXY,
// NO_PROXY, ALL_PROXY in both cases); trusted certificates (SSL_CERT_FILE, SSL_CERT_DIR, NODE_EXTRA_CA_CERTS,
// REQUESTS_CA_BUNDLE); where package runners keep and find things (npm_config_registry, npm_config_cache,
// npm_config_prefix, npm_config_userconfig in both cases, UV_CACHE_DIR). NODE_OPTIONS, PYTHONPATH, LD_* and the like
// change what a program does and are not among them: an adapter that needs one names it.
bool is_inherited(std::string_view variable);

// Those of `variables` ("NAME=value", ended by null, as in environ) that are inherited.
Environment inherited_environment(const char* const* variables);

}  // namespace gw::process
