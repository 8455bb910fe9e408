// The signed capability filter: x-mcp-authorized (claim `allowed-capabilities`) and x-authorized-tools
// (`allowed-tools`), JWTs signed with ES256 by whoever stands in front of the gateway.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/error.h"
#include "policy/policy.h"

namespace gw::auth {

// What the caller may see and use, by adapter and by the name that the server gave it; of resources, by URI or by the
// authority in it. An adapter may be written as "name" or "namespace/name"; one that is written twice is refused, since
// nobody can say which of the two is meant.
class Capabilities {
 public:
  // Allows nothing.
  Capabilities() = default;

  bool allows(policy::ItemKind kind, std::string_view adapter, std::string_view item) const;
  // Whether something is said about this kind. Where not, `required` of the options decides.
  bool covers(policy::ItemKind kind) const;

 private:
  friend class CapabilityVerifier;
  std::map<policy::ItemKind, std::map<std::string, std::set<std::string, std::less<>>, std::less<>>> allowed_;
};

// Immutable and thread-safe; the key is parsed once.
class CapabilityVerifier {
 public:
  // Errc::invalid when the PEM is not a public P-256 key.
  static Result<std::shared_ptr<const CapabilityVerifier>> make(std::string_view public_key_pem);
  ~CapabilityVerifier();

  // Of the value of either header; where both claims are there, `allowed-capabilities` counts. The claim is a text that
  // holds JSON, or the object itself. `exp` and `nbf` count where they are given. Every failure (signature, algorithm,
  // times, form of the claims) allows nothing; the error is for the log. `now` is Unix time in seconds.
  Result<Capabilities> verify(std::string_view token, std::int64_t now) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  explicit CapabilityVerifier(std::unique_ptr<Impl> impl);
};

}  // namespace gw::auth
