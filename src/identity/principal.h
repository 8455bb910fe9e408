// Who asks. A value that authentication makes and everything else only reads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gw::identity {

// How somebody showed who he is.
enum class Method {
  none,   // Nobody is asked: authentication is not configured.
  token,  // A bearer token of an issuer.
  api_key,
  trusted_header,  // Another gateway says so.
  development,     // The X-Dev-* headers, or nothing at all.
};

// "token", as audit records and explanations show it.
std::string_view to_string(Method method);

struct Principal {
  Method method = Method::none;
  // Who it is, unique over all methods: what owners of resources, sessions and limits are compared by, byte by byte.
  // With prefix where several issuers are configured; "key:<id>" for API keys.
  std::string user;
  std::string name;       // For people; may be empty.
  std::string issuer;     // Of a token.
  std::string client_id;  // The application that a token was given to, where it says so.
  std::string api_key;    // The key's id.
  std::vector<std::string> roles;
  std::vector<std::string> groups;
  std::vector<std::string> scopes;
  std::int64_t expires = 0;  // Unix time in seconds when this stops being true; 0: never.

  bool has_role(std::string_view role) const;    // Without regard to case.
  bool has_scope(std::string_view scope) const;  // RFC 6749 section 3.3: with regard to case.

  bool operator==(const Principal&) const = default;
};

using PrincipalPtr = std::shared_ptr<const Principal>;

// For the way between parts of the gateway: one line of printable ASCII. from_text gives null for anything else.
std::string to_text(const Principal& principal);
PrincipalPtr from_text(std::string_view text);

}  // namespace gw::identity
