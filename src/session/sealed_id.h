// Session ids that carry their own route: what the gateway must know about a session, encrypted and authenticated, in
// characters that Mcp-Session-Id allows. There is no session table; any gateway with the keys routes any session.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "session/keyring.h"

namespace gw::session {

// What an id says. The texts borrow from the Sealer that opened it, until its next call.
struct Sealed {
  std::string_view endpoint;          // Which endpoint of the adapter has the session; at most 255 bytes.
  std::string_view upstream_session;  // The id that the endpoint gave, visible ASCII, at most 1024 bytes.
  std::int64_t expires = 0;           // Unix time in seconds; 0 to 2^32-1.

  bool operator==(const Sealed&) const = default;
};

// Whose session it is. Authenticated with an id, but not contained in it.
struct Owner {
  std::string_view adapter_uid;  // At most 255 bytes.
  std::string_view principal;    // Principal::user; empty without authentication.
};

// Seals and opens with AES-256-GCM. An instance belongs to one thread: it keeps prepared ciphers and buffers.
//
// An id is base64url of: version (1 byte), key id (4), nonce (12), ciphertext, tag (16). The first two and the owner
// are authenticated as well. Nonces are random: rotate the keys before four billion sessions were sealed with one.
class Sealer {
 public:
  explicit Sealer(std::shared_ptr<const Keyring> keyring);
  ~Sealer();
  Sealer(Sealer&&) noexcept;

  // Errc::too_large where a member is over its bound, Errc::invalid when `upstream_session` is empty or has other
  // characters than 0x21 to 0x7E.
  Result<std::string> seal(const Sealed& sealed, const Owner& owner);

  // Errc::not_found, always with the same sentence, for everything that is not an id of ours that is valid at `now`
  // (Unix time in seconds): forged, sealed for another owner, of a key that is gone, expired, or no id at all.
  Result<Sealed> open(std::string_view id, const Owner& owner, std::int64_t now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The one answer to a session id that cannot be used.
Error unknown_session();

}  // namespace gw::session
