#include "cli/client.h"

#include <boost/json.hpp>

#include "base/files.h"
#include "base/strings.h"
#include "cli/runner.h"
#include "fetch/fetch.h"
#include "http/fields.h"
#include "http/status.h"
#include "http/url.h"
#include "json/json.h"

namespace gw::cli {
namespace {

constexpr std::size_t longest_token = 64 << 10;
constexpr std::size_t longest_answer = 64 << 20;
constexpr Duration patience = std::chrono::seconds(30);

Errc code_of(int status) {
  switch (status) {
    case 401: return Errc::unauthenticated;
    case 403: return Errc::forbidden;
    case 404: return Errc::not_found;
    case 409: return Errc::conflict;
    default: return status < 500 ? Errc::invalid : Errc::unavailable;
  }
}

Result<SecretString> find_token(const ClientOptions& options, const config::Environment& environment) {
  if (options.token) return SecretString(*options.token);
  if (options.token_file) {
    GW_TRY(const std::string text, read_file(*options.token_file, longest_token));
    return SecretString(text.substr(0, text.find_last_not_of(" \r\n") + 1));
  }
  return SecretString(environment(token_variable).value_or(""));
}

}  // namespace

Result<Target> find_target(const ClientOptions& options, const config::Environment& environment) {
  Target target{.url = options.url ? *options.url : environment(url_variable).value_or(default_url), .token = {}};
  while (target.url.ends_with('/')) target.url.pop_back();
  GW_TRY(target.token, find_token(options, environment));
  if (!http::is_field_value(target.token.reveal())) {
    return fail(Errc::invalid, "the token has a line end or another control character in it");
  }
  return target;
}

Error error_of(const Target& target, int status, std::string_view body) {
  std::string said;
  if (const auto problem = json::parse(body); problem && problem->is_object()) {
    const auto* const detail = problem->as_object().if_contains("detail");
    if (detail != nullptr && detail->is_string()) said = std::string(detail->get_string());
  }
  if (status == 401) {
    said = fmt::format("{} does not know who asks: give a token or an API key with --token-file, or in ${}", target.url,
                       token_variable);
  }
  if (said.empty()) {
    said = fmt::format("{} answered {} {}; is it an mcp-gateway?", target.url, status, http::reason_of(status));
  }
  return {code_of(status), printable(said, 2000)};
}

Task<Result<boost::json::value>> ask(net::Resolver& resolver, const Target& target, http::Method method,
                                     std::string_view path, std::string body) {
  fetch::Request request{.url = target.url + std::string(path),
                         .method = method,
                         .fields = {{"Accept", "application/json"}},
                         .body = std::move(body),
                         .max_bytes = longest_answer,
                         .timeout = patience};
  if (!request.body.empty()) request.fields.emplace_back("Content-Type", "application/json");
  if (!target.token.empty()) {
    request.fields.emplace_back("Authorization", "Bearer " + std::string(target.token.reveal()));
  }
  GW_CO_TRY(const fetch::Response response, co_await fetch::fetch(resolver, std::move(request)));
  if (response.status < 200 || response.status > 299) {
    co_return std::unexpected(error_of(target, response.status, response.body));
  }
  if (response.body.empty()) co_return boost::json::value();
  auto answer = json::parse(response.body, {.max_bytes = longest_answer});
  if (!answer)
    co_return fail(Errc::upstream, "{} answered something else than JSON; is it an mcp-gateway?", target.url);
  co_return answer;
}

Result<boost::json::value> ask(const Target& target, http::Method method, std::string_view path,
                               const boost::json::value* body) {
  Runner runner;
  return runner.run(ask(runner.resolver(), target, method, path, body == nullptr ? "" : json::to_text(*body)));
}

bool can_be_overheard(const std::string& url) {
  const auto parsed = http::parse_url(url);
  return parsed && !parsed->https && !net::is_loopback_host(parsed->address.host);
}

}  // namespace gw::cli
