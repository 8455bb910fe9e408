// Authentication as it is configured. What each field means to users is written in config/auth_tables.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/time.h"

namespace gw::auth {

// The ways in the order in which they are tried. One that finds no evidence of its kind passes on to the next; one that
// finds evidence decides.
enum class Way { token, api_key, trusted_header, development };

// Where claims are. Each name is a member of the token or, beginning with '/', a JSON pointer. Of `user` and `name` the
// first that is there counts; roles, groups and scopes are joined. A text is split at spaces, for roles and groups also
// at commas; lists are taken element by element.
struct ClaimNames {
  std::vector<std::string> user{"sub"};
  std::vector<std::string> name{"name", "preferred_username"};
  std::vector<std::string> roles{"roles"};
  std::vector<std::string> groups{"groups"};
  std::vector<std::string> scopes{"scope", "scp"};
  std::vector<std::string> client{"azp", "client_id", "appid"};

  bool operator==(const ClaimNames&) const = default;
};

struct IssuerOptions {
  std::string issuer;                  // Compared with `iss` byte by byte.
  std::vector<std::string> audiences;  // Empty: the URL of the resource that is asked for, or the public origin.
  std::string jwks_uri;                // Empty: found by discovery (RFC 8414, OpenID Connect Discovery).
  std::vector<std::string> algorithms{"RS256", "PS256", "ES256"};  // Of RS, PS and ES with 256, 384 and 512.
  Duration clock_skew = std::chrono::seconds(60);
  Duration refresh_interval = std::chrono::minutes(15);
  ClaimNames claims;
  std::string user_prefix;                   // Before the user id. Differs between issuers.
  std::vector<std::string> required_scopes;  // That every token must have.
  std::string ca_file;                       // Trusted instead of the system's certificates.

  bool operator==(const IssuerOptions&) const = default;
};

// A key of the configuration file. Others are made through the API.
struct ApiKeyOptions {
  std::string name;  // Its id.
  std::string key;   // Best as a reference.
  std::vector<std::string> roles;

  bool operator==(const ApiKeyOptions&) const = default;
};

// Another gateway authenticates: it sends X-Gateway-Secret with X-Mcp-UserId, X-Mcp-UserName and X-Mcp-Roles.
struct TrustedHeaderOptions {
  std::string secret;                 // A reference or the text; at least 16 characters once resolved.
  std::vector<std::string> networks;  // From where; empty: from everywhere.

  bool operator==(const TrustedHeaderOptions&) const = default;
};

// What clients are told in the protected resource metadata (RFC 9728).
struct ResourceOptions {
  std::string name = "MCP Server";
  std::string resource;                            // Empty: made of the public origin and the path.
  std::vector<std::string> authorization_servers;  // Empty: the issuers.
  std::vector<std::string> bearer_methods{"header"};
  std::vector<std::string> scopes;
  std::string documentation;

  bool operator==(const ResourceOptions&) const = default;
};

// x-mcp-authorized and x-authorized-tools: what the caller may use, signed by whoever authorized it.
struct CapabilityOptions {
  std::string public_key;  // PEM, P-256; a reference or the text. Empty: the headers are refused when they come.
  bool required = false;   // Without the header nothing is shown.

  bool operator==(const CapabilityOptions&) const = default;
};

struct Options {
  std::vector<Way> pipeline;  // Empty: all that are configured, in the order of Way.
  std::vector<IssuerOptions> issuers;
  std::vector<ApiKeyOptions> keys;
  bool api_keys = false;  // Keys made through the API count. Also true when `keys` has some.
  std::optional<TrustedHeaderOptions> trusted_header;
  bool development = false;
  std::string admin_role = "mcp.admin";
  std::vector<std::string> operator_roles;
  std::vector<std::string> workload_identity_roles;
  std::vector<std::string> anonymous_paths;  // Besides the probes: such as /metrics.
  ResourceOptions resource;
  CapabilityOptions capabilities;

  // Whether anybody is asked who he is.
  bool enabled() const {
    return !issuers.empty() || !keys.empty() || api_keys || trusted_header.has_value() || development;
  }
  // Whether what is configured keeps strangers out.
  bool keeps_strangers_out() const { return enabled() && !development; }

  bool operator==(const Options&) const = default;
};

}  // namespace gw::auth
