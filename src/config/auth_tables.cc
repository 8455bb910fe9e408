#include "config/auth_tables.h"

namespace gw::config {
namespace {

using namespace std::chrono_literals;
using schema::boolean;
using schema::choice;
using schema::duration;
using schema::list;
using schema::Object;
using schema::optional;
using schema::text;
using schema::texts;

Object<auth::ClaimNames> claims_object() {
  using C = auth::ClaimNames;
  Object<C> claims;
  claims
      .field("user", &C::user, texts(),
             "Claims that may hold the user's id; the first that is there counts. Here and below: the name of a claim, "
             "or a JSON pointer such as `/realm_access/roles`.")
      .field("name", &C::name, texts(), "Claims that may hold the user's name.")
      .field("roles", &C::roles, texts(), "Claims that hold roles; all of them count.")
      .field("groups", &C::groups, texts(), "Claims that hold groups.")
      .field("scopes", &C::scopes, texts(), "Claims that hold scopes.")
      .field("client", &C::client, texts(), "Claims that may hold the id of the application.");
  return claims;
}

Object<auth::IssuerOptions> issuer_object() {
  using I = auth::IssuerOptions;
  Object<I> issuer;
  issuer
      .field("issuer", &I::issuer, text(), "The `iss` of its tokens, exactly; also where its metadata is found.",
             {.required = true})
      .field("audiences", &I::audiences, texts(),
             "What `aud` may be. Without any: the URL of the resource that is asked for, or `publicOrigin`.")
      .field("jwksUri", &I::jwks_uri, text(), "Where its keys are.",
             {.default_text = "what the issuer's metadata says"})
      .field("algorithms", &I::algorithms, texts(), "Signature algorithms: RS, PS and ES with 256, 384 or 512.")
      .field("clockSkew", &I::clock_skew, duration(0s, 10min), "How far the issuer's clock may be off.")
      .field("refreshInterval", &I::refresh_interval, duration(10s, 24h), "How often its keys are fetched.")
      .field("claims", &I::claims, claims_object().type(), "Where its tokens say what.")
      .field("userPrefix", &I::user_prefix, text(),
             "Put before the user's id. Issuers need different ones: their ids may be the same.")
      .field("requiredScopes", &I::required_scopes, texts(), "Scopes that every token must have.")
      .field("caFile", &I::ca_file, text(), "PEM file of the authorities that may sign its certificate.",
             {.default_text = "the system's"});
  return issuer;
}

Object<auth::ApiKeyOptions> key_object() {
  using K = auth::ApiKeyOptions;
  Object<K> key;
  key.field("name", &K::name, text(), "Names the key: its user is `key:<name>`.", {.required = true})
      .field("key", &K::key, text(), "The key, best as a reference: `${env:CI_KEY}`. At least 16 characters.",
             {.required = true})
      .field("roles", &K::roles, texts(), "What its user may be.");
  return key;
}

Object<auth::TrustedHeaderOptions> trusted_header_object() {
  using T = auth::TrustedHeaderOptions;
  Object<T> trusted;
  trusted
      .field("secret", &T::secret, text(),
             "What X-Gateway-Secret must be, best as a reference. At least 16 characters.", {.required = true})
      .field("networks", &T::networks, texts(), "Address blocks from which it is believed. Without any: everywhere.");
  return trusted;
}

Object<auth::ResourceOptions> resource_object() {
  using R = auth::ResourceOptions;
  Object<R> resource;
  resource.field("name", &R::name, text(), "`resource_name` of the metadata. Also `OAUTH_RESOURCE_NAME`.")
      .field("resource", &R::resource, text(), "`resource` of the metadata at the root. Also `OAUTH_RESOURCE`.",
             {.default_text = "`publicOrigin`"})
      .field("authorizationServers", &R::authorization_servers, texts(),
             "`authorization_servers`. Also `OAUTH_AUTHORIZATION_SERVERS`, separated by commas.",
             {.default_text = "the issuers"})
      .field("bearerMethods", &R::bearer_methods, texts(),
             "`bearer_methods_supported`. Also `OAUTH_BEARER_METHODS_SUPPORTED`.")
      .field("scopes", &R::scopes, texts(),
             "`scopes_supported`, and the scopes that a client without a token is told to ask for. Also "
             "`OAUTH_SCOPES_SUPPORTED`.")
      .field("documentation", &R::documentation, text(), "`resource_documentation`: a page for people.");
  return resource;
}

Object<auth::CapabilityOptions> capabilities_object() {
  using C = auth::CapabilityOptions;
  Object<C> capabilities;
  capabilities
      .field("publicKey", &C::public_key, text(),
             "The public key (PEM, P-256) of whoever signs x-mcp-authorized and x-authorized-tools, best as a "
             "reference. Also `TRUSTED_HEADER_PUBLIC_KEY`.")
      .field("required", &C::required, boolean(), "Nothing may be used without the header.");
  return capabilities;
}

}  // namespace

Object<auth::Options> auth_object() {
  using A = auth::Options;
  Object<A> object;
  object
      .field("pipeline", &A::pipeline,
             list(choice<auth::Way>({{"token", auth::Way::token},
                                     {"apiKey", auth::Way::api_key},
                                     {"trustedHeader", auth::Way::trusted_header},
                                     {"development", auth::Way::development}})),
             "The order in which ways to authenticate are tried. One that finds no evidence of its kind passes on to "
             "the next.",
             {.default_text = "all that are configured"})
      .field("issuers", &A::issuers, list(issuer_object().type()), "Whose bearer tokens are accepted.")
      .field("apiKeys", &A::api_keys, boolean(), "Accept API keys that were made with `mcp-gateway keys create`.")
      .field("keys", &A::keys, list(key_object().type()), "Further API keys.")
      .field("trustedHeader", &A::trusted_header, optional(trusted_header_object().type()),
             "Another gateway in front of this one says who calls, in X-Mcp-UserId, X-Mcp-UserName and X-Mcp-Roles.")
      .field("development", &A::development, boolean(),
             "Believe X-Dev-UserId, X-Dev-Name and X-Dev-Roles, and whoever sends none is `dev` with the role "
             "`mcp.dev`. For loopback addresses only.")
      .field("adminRole", &A::admin_role, text(), "Who has this role may do everything.")
      .field("operatorRoles", &A::operator_roles, texts(),
             "Roles that may add servers through the API which run programs of the gateway's machine, or refer to its "
             "files, variables and secrets, besides administrators.")
      .field("workloadIdentityRoles", &A::workload_identity_roles, texts(),
             "Roles that may set `useWorkloadIdentity`, besides administrators.")
      .field("anonymousPaths", &A::anonymous_paths, texts(),
             "Paths of the REST API that need no identity, besides the probes: `/metrics`, `/status`, "
             "`/openapi.json`.")
      .field("resource", &A::resource, resource_object().type(),
             "What clients learn from the protected resource metadata (RFC 9728).")
      .field("capabilities", &A::capabilities, capabilities_object().type(),
             "The signed capability filter: headers that list what the caller may use.");
  return object;
}

Object<EgressOptions> egress_object() {
  Object<EgressOptions> egress;
  egress
      .field("allow", &EgressOptions::allow, texts(), "Address blocks that URLs may lead to, though they are private.")
      .field("deny", &EgressOptions::deny, texts(), "Address blocks that URLs may not lead to, though they are public.")
      .field("allowPrivate", &EgressOptions::allow_private, optional(boolean()),
             "Whether private and loopback addresses are allowed. Link-local ones, where clouds keep their metadata, "
             "never are unless `allow` names them.",
             {.default_text = "`true` without `auth`, else `false`"});
  return egress;
}

}  // namespace gw::config
