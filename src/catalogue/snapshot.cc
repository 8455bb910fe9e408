#include "catalogue/snapshot.h"

#include <algorithm>

#include "catalogue/naming.h"
#include "catalogue/near.h"
#include "catalogue/snapshot_data.h"

namespace gw::catalogue {

std::string_view to_string(Hidden::Why why) {
  switch (why) {
    case Hidden::Why::conflict: return "conflict";
    case Hidden::Why::override_: return "override";
    case Hidden::Why::quarantined: return "quarantined";
    case Hidden::Why::invalid: return "invalid";
  }
  return "";
}

const Item* Snapshot::Data::find(Kind kind, std::string_view name) const {
  const Index& index = by_name[static_cast<std::size_t>(kind)];
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

const Item* Snapshot::Data::find_template(std::string_view uri) const {
  if (uri.size() > DefinitionLimits().max_address) return nullptr;
  const auto found = std::ranges::find_if(templates, [&](const Template& t) { return t.pattern.matches(uri); });
  return found == templates.end() ? nullptr : found->item;
}

// What is listed under its own name comes first, then what says whose it is, then what a template that was not mapped
// lets through. client_address() relies on that order.
std::optional<Snapshot::Address> Snapshot::Data::upstream_address(std::string_view client_uri) const {
  for (const Kind kind : {Kind::resource, Kind::resource_template}) {
    if (const Item* item = find(kind, client_uri)) return Address{item->adapter, item->upstream_name};
  }
  if (auto mapped = unmapped_address(client_uri)) {
    if (!adapters.contains(mapped->adapter)) return {};
    return Address{std::move(mapped->adapter), std::move(mapped->uri)};
  }
  if (const Item* item = find_template(client_uri)) return Address{item->adapter, std::string(client_uri)};
  return {};
}

std::string Snapshot::Data::client_address(std::string_view adapter, std::string_view upstream_uri) const {
  std::string mapped = mapped_address(adapter, upstream_uri);
  if (map_every_address || unmapped_address(upstream_uri)) return mapped;
  const auto kept = upstream_address(upstream_uri);
  const bool leads_here = kept && kept->adapter == adapter;
  const bool is_web_page = upstream_uri.starts_with("https://") || upstream_uri.starts_with("http://");
  const bool is_listed = kept || find(Kind::resource, mapped) || find_template(mapped);
  return leads_here || (is_web_page && !is_listed) ? std::string(upstream_uri) : mapped;
}

const std::vector<Item>& Snapshot::items(Kind kind) const {
  return data_->items[static_cast<std::size_t>(kind)];
}
const Item* Snapshot::find(Kind kind, std::string_view name) const {
  return data_->find(kind, name);
}
const Item* Snapshot::find_template(std::string_view uri) const {
  return data_->find_template(uri);
}
std::optional<Snapshot::Address> Snapshot::upstream_address(std::string_view client_uri) const {
  return data_->upstream_address(client_uri);
}
std::string Snapshot::client_address(std::string_view adapter, std::string_view upstream_uri) const {
  return data_->client_address(adapter, upstream_uri);
}
const std::vector<Hidden>& Snapshot::hidden() const {
  return data_->hidden;
}
// The revisions write what the gateway announces in the same way.
const std::string& Snapshot::legacy_capabilities() const {
  return data_->capabilities;
}
const std::string& Snapshot::modern_capabilities() const {
  return data_->capabilities;
}
std::uint64_t Snapshot::generation() const {
  return data_->generation;
}

std::vector<std::string> Snapshot::near(Kind kind, std::string_view name, const Filter& shows) const {
  constexpr std::size_t most = 3;
  std::vector<std::pair<std::size_t, const Item*>> found;
  for (const Item& item : items(kind)) {
    if (const auto distance = slip(name, item.name)) found.emplace_back(*distance, &item);
  }
  std::ranges::sort(found);  // Items stand in the order of their names.
  std::vector<std::string> names;
  for (const auto& [distance, item] : found) {
    if (names.size() == most) break;
    if (!shows || shows(*item)) names.push_back(item->name);
  }
  return names;
}

}  // namespace gw::catalogue
