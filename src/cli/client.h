// Commands that ask a running gateway, through its REST API.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "base/secret_string.h"
#include "cli/cli.h"
#include "http/head.h"
#include "net/resolver.h"
#include "runtime/task.h"

namespace gw::cli {

inline constexpr const char* default_url = "http://127.0.0.1:8000";
inline constexpr const char* url_variable = "MCP_GATEWAY_URL";
inline constexpr const char* token_variable = "MCP_GATEWAY_TOKEN";

// What the command line says about it.
struct ClientOptions {
  std::optional<std::string> url;
  std::optional<std::string> token;
  std::optional<std::filesystem::path> token_file;
};

// Which gateway, and how to be recognized there.
struct Target {
  std::string url;     // Without a slash at its end.
  SecretString token;  // A bearer token or an API key; empty: none.
};

// The options win over the environment. Errors: a file that cannot be read, a token that no header field can hold.
Result<Target> find_target(const ClientOptions& options, const config::Environment& environment);

// What an answer of that status says, which is no success: a problem's detail, or what else it may mean. On one line
// that is safe for a terminal.
Error error_of(const Target& target, int status, std::string_view body);

// Asks at `path`, which is encoded already, and gives the answer; null when it has no body. An answer that is an error
// becomes one, with what the gateway says about it.
Result<boost::json::value> ask(const Target& target, http::Method method, std::string_view path,
                               const boost::json::value* body = nullptr);
// The same with somebody else's loop. `body` is a text, empty for none.
Task<Result<boost::json::value>> ask(net::Resolver& resolver, const Target& target, http::Method method,
                                     std::string_view path, std::string body = {});

// Whether others in the network may read what is sent to `url`.
bool can_be_overheard(const std::string& url);

}  // namespace gw::cli
