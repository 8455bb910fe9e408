// The public keys of an issuer (RFC 7517), ready for verification.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace gw::auth {

// Immutable and thread-safe.
class KeySet {
 public:
  // Keeps the keys that can verify signatures: RSA of 2048 bits or more, EC on P-256, P-384 and P-521; `use` absent or
  // "sig"; never symmetric ones. Others are passed over, and so is what follows the first 100. Errc::invalid when the
  // text is no key set, or none of its keys can be used.
  static Result<std::shared_ptr<const KeySet>> parse(std::string_view json);

  struct Key;  // auth/key.h
  // Keys with that id; all keys without one where `kid` is empty.
  std::vector<const Key*> find(std::string_view kid) const;
  // The key of this set that is the same as one of another set: id, algorithm, numbers. Null when there is none.
  const Key* same(const Key& key) const;
  std::vector<std::string> ids() const;

  KeySet(const KeySet&) = delete;
  ~KeySet();

 private:
  KeySet();
  std::vector<std::unique_ptr<Key>> keys_;
};

}  // namespace gw::auth
