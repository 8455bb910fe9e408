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
  std::string hash;           // SHA-256, lower-case hex, of `json`.
  std::shared_ptr<const Definition> definition;  // As its server sent it.
  std::string description;                       // With overrides, like the hints.
  policy::Hints hints;                           // What the policy goes by.
  std::vector<std::string> tags;                 // Of its adapter.
  std::uint32_t estimated_tokens = 0;            // Of `json` in a model's context: bytes / 4, rounded up.
};

// Decides what a caller may see.
using Filter = std::function<bool(const Item&)>;

// When names of tools and prompts get a prefix. An adapter's own (Listing::prefix) is put before all of its names as it
// is, but with `never`. The automatic one, the adapter's name and the separator, is put before every name of adapters
// without an own prefix, only before names that an earlier adapter has, or never.
enum class PrefixMode { always, conditional, never };

// Changes that the configuration makes to items of one adapter. Globs on upstream names; the first that fits counts.
struct Override {
  std::string adapter;  // Name, not a glob.
  Kind kind = Kind::tool;
  std::string match;
  bool hide = false;
  // Instead of the upstream name, before prefixing; of tools and prompts, and only with a `match` without wildcards.
  std::string rename;
  std::string description;                  // Replaces it.
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
  std::string other;   // Of a conflict: the adapter that has the name.
};
// "conflict", "override", "quarantined", "invalid".
std::string_view to_string(Hidden::Why why);

// Immutable and thread-safe.
class Snapshot {
 public:
  // In the order of their names, so that a list changes only where an item changes.
  const std::vector<Item>& items(Kind kind) const;
  // Null when there is none of that name.
  const Item* find(Kind kind, std::string_view name) const;
  // The template that fits the address as a client writes it, in the order of the servers and their templates; null
  // when none does, and for addresses longer than DefinitionLimits::max_address. Linear in the address and the
  // templates.
  const Item* find_template(std::string_view uri) const;
  // An address as clients see it → as the adapter knows it, also for addresses that no list showed: reversible. Nothing
  // when no adapter has it.
  struct Address {
    std::string adapter;
    std::string uri;

    bool operator==(const Address&) const = default;
  };
  std::optional<Address> upstream_address(std::string_view client_uri) const;
  // The one exception: an http or https address that no server lists stays as it is, because clients fetch those
  // themselves (MCP, resources, "Common URI Schemes"); upstream_address() knows nothing of it.
  std::string client_address(std::string_view adapter, std::string_view upstream_uri) const;

  const std::vector<Hidden>& hidden() const;
  // Union over the servers, raw JSON in the form of legacy and of modern capabilities. Tools are always there; changes
  // of lists are always announced. What the gateway does not know (extensions, experimental, tasks) is not.
  const std::string& legacy_capabilities() const;
  const std::string& modern_capabilities() const;
  // Names nearest to a wrong one, at most 3, the nearest first; only those that `shows`, when it is given, lets
  // through.
  std::vector<std::string> near(Kind kind, std::string_view name, const Filter& shows = {}) const;
  std::uint64_t generation() const;

  struct Data;
  explicit Snapshot(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

 private:
  std::shared_ptr<const Data> data_;
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

// Listings in the order of the servers decide who keeps a name that two have: the first. Deterministic: the same
// listings and options give the same names whatever order they came in over time. n log n in the number of items.
//
// Names of tools and prompts: characters outside [A-Za-z0-9_./-] become "_"; a name that lost a character outside ASCII
// or would be longer than `longest_name` ends with "_" and 8 hex digits of the hash of what it was. A name stays with a
// quarantined item, so that nobody takes its place while it waits; hidden items keep none.
//
// Resources: an address that only one server has stays as it is; one that several have (templates: but for the names of
// variables), and with prefix mode always every address, is mapped to "gw+<adapter>:<address>", which is reversible for
// every scheme; "ui://…" to "ui://gw+<adapter>/…", because clients know user interfaces by that scheme. Tools that name
// theirs in `_meta.ui.resourceUri` follow. With prefix mode never the first keeps the address and the others are
// hidden.
SnapshotPtr merge(const std::vector<ListingPtr>& listings, const MergeOptions& options, std::uint64_t generation);

}  // namespace gw::catalogue
