#include "access/resource.h"

#include <boost/json.hpp>

#include "http/target.h"
#include "model/adapter_check.h"

namespace gw::access {
namespace {

boost::json::array array_of(const std::vector<std::string>& texts) {
  boost::json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

boost::json::array authorization_servers(const auth::Options& options) {
  if (!options.resource.authorization_servers.empty()) return array_of(options.resource.authorization_servers);
  boost::json::array servers;
  for (const auth::IssuerOptions& issuer : options.issuers) servers.emplace_back(issuer.issuer);
  return servers;
}

}  // namespace

std::string resource_path(std::string_view path) {
  if (path == "/mcp") return "/mcp";
  const auto parts = http::path_segments(path);
  if (parts.size() != 3 || parts[1].empty()) return "";
  const bool is_adapter = parts[0] == "adapters" && (parts[2] == "mcp" || parts[2] == "sse" || parts[2] == "messages");
  const bool is_virtual_server = parts[0] == "servers" && parts[2] == "mcp";
  if (!is_adapter && !is_virtual_server) return "";
  // A name that no adapter can have must not get into a header or a document.
  if (!model::is_adapter_name(parts[1])) return "";
  return std::string("/").append(parts[0]).append("/").append(parts[1]).append("/mcp");
}

std::vector<std::string> default_audiences(std::string_view origin, std::string_view resource_path) {
  std::vector<std::string> audiences{std::string(origin), std::string(origin) + "/"};
  if (!resource_path.empty()) audiences.insert(audiences.begin(), std::string(origin).append(resource_path));
  return audiences;
}

std::string metadata_url(std::string_view origin, std::string_view resource_path) {
  return std::string(origin).append(metadata_root).append(resource_path);
}

std::optional<std::string> metadata_document(const Settings& settings, std::string_view path) {
  if (!path.starts_with(metadata_root)) return {};
  path.remove_prefix(metadata_root.size());
  if (path == "/") path = "";
  if (!path.empty() && (path.front() != '/' || resource_path(path) != path)) return {};
  const auth::Options& options = settings.auth->options;
  const auth::ResourceOptions& resource = options.resource;
  std::string id = settings.origin + std::string(path);
  if (path.empty() && !resource.resource.empty()) id = resource.resource;

  boost::json::object document{{"resource_name", resource.name},
                               {"resource", id},
                               {"authorization_servers", authorization_servers(options)},
                               {"bearer_methods_supported", array_of(resource.bearer_methods)}};
  if (!resource.scopes.empty()) document["scopes_supported"] = array_of(resource.scopes);
  if (!resource.documentation.empty()) document["resource_documentation"] = resource.documentation;
  return boost::json::serialize(document);
}

}  // namespace gw::access
