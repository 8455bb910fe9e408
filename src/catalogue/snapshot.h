// Everything that /mcp offers, of all servers, at one moment.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalogue/item.h"

namespace gw::catalogue {

// An item as clients see it.
struct Item {
  Kind kind = Kind::tool;
  std::string adapter;
  std::string name;           // Unique within its kind.
  std::string upstream_name;  // What its server calls it.
  std::string json;           // The definition with name and overrides spliced in; every other byte as it came.
  std::shared_ptr<const Definition> definition;
  std::vector<std::string> tags;       // Of its adapter.
  std::uint32_t estimated_tokens = 0;  // Of `json` in a model's context: bytes / 4, rounded up.
};

// When prefixes are put before names: with every item, only where names meet, or never.
enum class PrefixMode { always, conditional, never };

// Changes that the configuration makes to items of one adapter. Globs on upstream names; the first that fits counts.
struct Override {
  std::string adapter;  // Name, not a glob.
  Kind kind = Kind::tool;
  std::string match;
  bool hide = false;
  std::string rename;       // Instead of the upstream name, before prefixing; only with a `match` without wildcards.
  std::string description;  // Replaces it.
  std::map<std::string, bool> annotations;  // Set in `annotations` of tools; also what the policy goes by.

  bool operator==(const Override&) const = default;
};

// Definitions that an operator approved; others of a pinned adapter are hidden until they are.
struct Pins {
  // By adapter: kind and name to approved hash. An adapter that is not here is not pinned.
  std::map<std::string, std::map<std::pair<Kind, std::string>, std::string>> approved;
};

struct MergeOptions {
  PrefixMode prefix_mode = PrefixMode::conditional;
  std::string separator = "_";
  std::size_t longest_name = 64;
  std::vector<Override> overrides;
  Pins pins;
};

// Why an item of a server is not offered.
struct Hidden {
  std::string adapter;
  Kind kind = Kind::tool;
  std::string upstream_name;
  enum class Why { conflict, override_, quarantined, invalid } why = Why::conflict;
  std::string detail;  // "'search' of 'web' came first"
  std::string hash;    // Of quarantined ones: what an approval names.
};

// Immutable and thread-safe.
class Snapshot {
 public:
  const std::vector<Item>& items(Kind kind) const;
  // Null when there is none of that name.
  const Item* find(Kind kind, std::string_view name) const;
  // The template that fits the address as a client writes it, in the order of the templates; null when none does.
  const Item* find_template(std::string_view uri) const;
  // An address as clients see it → as the adapter knows it, also for addresses that no list showed: reversible.
  struct Address {
    std::string adapter;
    std::string uri;
  };
  std::optional<Address> upstream_address(std::string_view client_uri) const;
  std::string client_address(std::string_view adapter, std::string_view upstream_uri) const;

  const std::vector<Hidden>& hidden() const;
  // Union over the servers, raw JSON in the form of legacy and of modern capabilities.
  const std::string& legacy_capabilities() const;
  const std::string& modern_capabilities() const;
  // Names nearest to a wrong one, at most 3.
  std::vector<std::string> near(Kind kind, std::string_view name) const;
  std::uint64_t generation() const;

  struct Data;
  explicit Snapshot(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

 private:
  std::shared_ptr<const Data> data_;
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

// Listings in the order of the servers decide who keeps a name that two have: the first. Deterministic: the same
// listings and options give the same names whatever order they came in over time. Linear in the number of items.
//
// Resources: an address that only one server has stays as it is; one that several have, and every address of a server
// with prefix mode always, is mapped to "gw+<adapter>:<address>", which is reversible for every scheme.
SnapshotPtr merge(const std::vector<ListingPtr>& listings, const MergeOptions& options, std::uint64_t generation);

}  // namespace gw::catalogue
