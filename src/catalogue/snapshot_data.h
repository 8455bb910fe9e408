// What a snapshot holds. Made by merge.cc, read by snapshot.cc.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "catalogue/snapshot.h"
#include "catalogue/uri_template.h"

namespace gw::catalogue {

struct Snapshot::Data {
  using Index = std::unordered_map<std::string_view, const Item*>;  // Into `items`.
  struct Template {
    UriTemplate pattern;  // Of the address as clients see it.
    const Item* item = nullptr;
  };

  Data() = default;
  Data(const Data&) = delete;

  const Item* find(Kind kind, std::string_view name) const;
  const Item* find_template(std::string_view uri) const;
  std::optional<Address> upstream_address(std::string_view client_uri) const;
  std::string client_address(std::string_view adapter, std::string_view upstream_uri) const;

  std::array<std::vector<Item>, kinds> items;
  std::array<Index, kinds> by_name;
  std::vector<Template> templates;  // In the order of the servers.
  std::unordered_set<std::string> adapters;
  bool map_every_address = false;
  std::vector<Hidden> hidden;
  std::string capabilities;
  std::uint64_t generation = 0;
};

}  // namespace gw::catalogue
