// Tokens that were verified, and who they stand for. Within this module; belongs to one worker.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/key_set.h"
#include "base/secret_string.h"
#include "identity/principal.h"

namespace gw::auth {

class TokenCache {
 public:
  static constexpr std::size_t default_capacity = 10'000;

  struct Entry {
    SecretString token;
    identity::PrincipalPtr principal;    // Its `expires` is when the entry stops to count.
    std::vector<std::string> audiences;  // Of the token. Empty: it is good for every resource.
    const KeySet::Key* key = nullptr;    // That verified it.
  };

  explicit TokenCache(std::size_t capacity = default_capacity) : capacity_(capacity) {}

  // Null when it is unknown or has expired at `now`. Valid until the next call. Allocates nothing.
  const Entry* find(std::string_view token, std::int64_t now);
  // The one that was longest not asked for makes room.
  void insert(Entry entry);

  // For each key that still counts, the same key in its new set. Tokens of other keys go.
  using Survivors = std::unordered_map<const KeySet::Key*, const KeySet::Key*>;
  void keep_only(const Survivors& keys);
  void drop_expired(std::int64_t now);

  std::size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<Entry>;  // The one that was asked for last is the first.
  // By the end of the signature, which is as good as random. The token itself is compared as a whole.
  struct TailHash {
    std::size_t operator()(std::string_view token) const {
      constexpr std::size_t tail = 32;
      return std::hash<std::string_view>()(token.substr(token.size() > tail ? token.size() - tail : 0));
    }
  };
  Entries::iterator erase(Entries::iterator entry);

  std::size_t capacity_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator, TailHash> by_token_;  // Views into the entries.
};

}  // namespace gw::auth
