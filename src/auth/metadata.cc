#include "auth/metadata.h"

#include <boost/json.hpp>

#include "base/strings.h"
#include "http/url.h"
#include "json/json.h"

namespace gw::auth {
namespace {

constexpr std::string_view oauth_name = "/.well-known/oauth-authorization-server";
constexpr std::string_view openid_name = "/.well-known/openid-configuration";

// Why this answer is not the issuer's metadata, as the end of a sentence that begins with its URL.
Result<boost::json::value> read_metadata(const fetch::Response& answer, std::string_view issuer) {
  if (answer.status != 200) return fail(Errc::upstream, "answered {}", answer.status);
  auto document = json::parse(answer.body, {.max_depth = 16, .unique_names = true});
  if (!document || !document->is_object()) return fail(Errc::upstream, "answered something else than a JSON object");
  const auto* said = document->get_object().if_contains("issuer");
  const std::string_view name = said != nullptr && said->is_string() ? std::string_view(said->get_string()) : "";
  if (name == issuer) return document;
  return fail(Errc::upstream, "is of the issuer '{}'", printable(name, 80));
}

}  // namespace

Result<std::vector<std::string>> metadata_urls(std::string_view issuer) {
  const auto url = http::parse_url(issuer);
  if (!url) return fail(Errc::invalid, "the issuer is not a URL: {}", url.error().message());
  if (issuer.find_first_of("?#") != std::string_view::npos) {
    return fail(Errc::invalid, "an issuer with a query or a fragment has no metadata; give its jwksUri");
  }
  const std::string origin = fmt::format("{}://{}", url->https ? "https" : "http", url->authority);
  std::string_view path = url->target;
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty())
    return std::vector{fmt::format("{}{}", origin, oauth_name), fmt::format("{}{}", origin, openid_name)};
  return std::vector{fmt::format("{}{}{}", origin, oauth_name, path), fmt::format("{}{}{}", origin, openid_name, path),
                     fmt::format("{}{}{}", origin, path, openid_name)};
}

Task<Result<boost::json::value>> fetch_metadata(net::Resolver& resolver, std::string issuer, fetch::Request like) {
  GW_CO_TRY(const auto urls, metadata_urls(issuer));
  like.fields.emplace_back("Accept", "application/json");
  std::string tried;
  for (const std::string& url : urls) {
    like.url = url;
    GW_CO_TRY(const fetch::Response answer, co_await fetch::fetch(resolver, like));
    auto document = read_metadata(answer, issuer);
    if (document) co_return *std::move(document);
    tried += fmt::format("{}{} {}", tried.empty() ? "" : ", ", url, document.error().message());
  }
  co_return fail(Errc::upstream, "the issuer has no metadata: {}", tried);
}

}  // namespace gw::auth
