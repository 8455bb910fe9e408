#include "app/access_side.h"

#include "base/strings.h"

namespace gw::app {
namespace {

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> list;
  for (const std::string_view item : split_list(text, ',')) list.emplace_back(item);
  return list;
}

// The variables that the established gateways are configured by. The file wins.
void take_environment(auth::Options& auth, const config::Environment& environment) {
  const auth::ResourceOptions defaults;
  auth::ResourceOptions& resource = auth.resource;
  const auto take = [&](const char* name, auto& member, const auto& default_value, const auto& convert) {
    const auto value = environment(name);
    if (value && !value->empty() && member == default_value) member = convert(*value);
  };
  const auto as_text = [](const std::string& text) { return text; };
  take("OAUTH_RESOURCE_NAME", resource.name, defaults.name, as_text);
  take("OAUTH_RESOURCE", resource.resource, defaults.resource, as_text);
  take("OAUTH_AUTHORIZATION_SERVERS", resource.authorization_servers, defaults.authorization_servers, list_of);
  take("OAUTH_BEARER_METHODS_SUPPORTED", resource.bearer_methods, defaults.bearer_methods, list_of);
  take("OAUTH_SCOPES_SUPPORTED", resource.scopes, defaults.scopes, list_of);
  if (auth.capabilities.public_key.empty() && environment("TRUSTED_HEADER_PUBLIC_KEY")) {
    auth.capabilities.public_key = "${env:TRUSTED_HEADER_PUBLIC_KEY}";
  }
}

}  // namespace

access::Declared declared_access(const config::Options& options, const config::Environment& environment,
                                 const std::string& origin) {
  access::Declared declared{.auth = options.auth,
                            .policy = options.policy,
                            .limits = options.limits,
                            .origin = options.public_origin.empty() ? origin : options.public_origin};
  take_environment(declared.auth, environment);
  for (const std::string& block : options.http.trusted_proxies) {
    declared.trusted_proxies.push_back(*net::AddressBlock::parse(block));
  }
  return declared;
}

Result<std::shared_ptr<const net::EgressRules>> egress_rules(const config::Options& options) {
  const config::EgressOptions& egress = options.egress;
  // Whoever uses a gateway without authentication is on its machine and reaches its networks anyway.
  const bool allow_private = egress.allow_private.value_or(!options.auth.enabled());
  GW_TRY(auto rules, net::EgressRules::make(egress.allow, egress.deny, allow_private));
  return std::make_shared<const net::EgressRules>(std::move(rules));
}

Result<std::unique_ptr<SharedAccessParts>> open_access(const config::Options& options) {
  auto parts = std::make_unique<SharedAccessParts>();
  const std::filesystem::path state = options.state_directory;
  GW_TRY(parts->identity_key, auth::IdentityKey::load_or_create(state / "keys" / "identity.jwk"));
  if (options.audit.target == audit::Target::off) return parts;
  audit::Options audit = options.audit;
  if (audit.path.empty()) audit.path = state / "audit.jsonl";
  GW_TRY(parts->trail, audit::Trail::open(audit));
  return parts;
}

}  // namespace gw::app
