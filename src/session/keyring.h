// The keys that seal session ids.
//
// They live in one file, a line of "<id> <key>" each: 8 hexadecimal digits and 32 bytes in base64url. The first key
// seals, all of them open, so that rotation does not end a session. Every gateway that has the same file opens the same
// ids.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace gw::session {

struct Key {
  std::uint32_t id = 0;
  std::array<unsigned char, 32> secret{};

  // Random, from the kernel.
  static Key generate();

  Key() = default;
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key();  // Wipes the secret.
};

// Immutable once shared; at least one key, ids unique.
class Keyring {
 public:
  explicit Keyring(std::vector<Key> keys);

  static Keyring generate();
  // One key that everybody makes who has the secret: stretched by scrypt (RFC 7914), because the ids that it seals let
  // their holders try secrets in peace. Takes some 0.1 s and 32 MiB.
  static Keyring from_secret(std::string_view secret);
  // Errc::invalid names the line, never its content.
  static Result<Keyring> parse(std::string_view text);
  // Reads the file, or creates it (and its folder) with a fresh key when it is missing. Errc::forbidden when anybody
  // but its owner may read it.
  static Result<Keyring> load_or_create(const std::filesystem::path& file);

  // This ring with a fresh key in front and at most `keep` of the present ones behind it.
  Keyring rotated(std::size_t keep) const;

  Result<> save(const std::filesystem::path& file) const;

  const Key& active() const { return keys_.front(); }
  const std::vector<Key>& keys() const { return keys_; }

 private:
  std::string text() const;

  std::vector<Key> keys_;
};

}  // namespace gw::session
