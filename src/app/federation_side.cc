#include "app/federation_side.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "base/log.h"
#include "json/timestamp.h"
#include "runtime/race.h"
#include "tools/listing.h"
#include "tools/same_server.h"

namespace gw::app {
namespace {

namespace js = boost::json;
using catalogue::Kind;

// Listings that come together are merged together.
constexpr Duration merge_delay = std::chrono::milliseconds(5);
constexpr Duration patience_at_start = std::chrono::seconds(2);
constexpr Duration patience_at_end = std::chrono::seconds(2);

constexpr std::array<std::pair<Kind, const char*>, catalogue::kinds> counted{
    {{Kind::tool, "tools"},
     {Kind::prompt, "prompts"},
     {Kind::resource, "resources"},
     {Kind::resource_template, "resourceTemplates"}}};

peer::ListedAdapter listed(const routing::AdapterRoute& route) {
  return {.adapter = route.name,
          .prefix = route.federated->tool_prefix,
          .tags = route.federated->tags,
          .categories = route.federated->categories,
          .hint = route.federated->hint};
}

js::value time_or_null(WallTime time) {
  if (time == WallTime{}) return nullptr;
  return js::string(json::format_timestamp(time));
}

bool none_ready(const routing::AdapterRoute& route) {
  return std::ranges::none_of(route.endpoints, &routing::Endpoint::ready);
}

js::object hidden_json(const catalogue::Hidden& hidden) {
  js::object entry{{"server", hidden.adapter},
                   {"kind", catalogue::to_string(hidden.kind)},
                   {"name", hidden.upstream_name},
                   {"why", catalogue::to_string(hidden.why)},
                   {"detail", hidden.detail}};
  if (!hidden.hash.empty()) entry["hash"] = hidden.hash;
  return entry;
}

}  // namespace

// One federated adapter, or a registered tool, which needs no asking.
struct FederationSide::Source {
  routing::RoutePtr route;
  std::unique_ptr<peer::Lister> lister;  // Null for a tool.
  catalogue::ListingPtr tool;            // Null for an adapter.

  const catalogue::ListingPtr& listing() const { return lister != nullptr ? lister->listing() : tool; }
  bool is_tool() const { return lister == nullptr; }
  bool is_starting() const { return lister != nullptr && lister->status().state == peer::ListerState::starting; }

  js::object status() const {
    const peer::ListerStatus& now = lister->status();
    js::object entry{{"name", route->name},
                     {"state", js::string(to_string(now.state))},
                     {"since", json::format_timestamp(now.since)},
                     {"lastListed", time_or_null(now.last_success)}};
    if (!now.error.empty()) {
      entry["error"] = now.error;
      entry["attempts"] = now.attempts;
    }
    if (!now.dialect.empty()) entry["dialect"] = now.dialect;
    if (!now.version.empty()) entry["version"] = now.version;
    entry["listening"] = now.listening;
    for (const auto& [kind, name] : counted) entry[name] = now.counts[static_cast<std::size_t>(kind)];
    return entry;
  }
};

FederationSide::FederationSide(Loop& loop, peer::Shared& peers, tools::ToolHealth& tools, net::Resolver& names,
                               upstream::PoolOptions pool_options, Hooks hooks)
    : peers_(peers),
      tools_(tools),
      hooks_(std::move(hooks)),
      pool_(names, pool_options, pool_counters_),
      outbound_(routes_, pool_, peers, counters_),
      snapshot_(catalogue::merge({}, {}, 0)),
      merge_timer_(loop, [this] { merge(); }) {
  routes_.on_endpoints_gone([this](const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      pool_.forget(id);
      outbound_.selector.forget(id);
    }
  });
}

// What reads the streams of sessions uses this; shut_down() may have been cut off.
FederationSide::~FederationSide() {
  peers_.channels.stop();
}

void FederationSide::start() {
  peers_.channels.start(outbound_);
  reaper_ = std::make_unique<peer::Reaper>(outbound_);
  started_ = true;
}

void FederationSide::configure(catalogue::FederationOptions options,
                               std::vector<catalogue::VirtualServer> virtual_servers) {
  options_ = std::move(options);
  virtual_servers_ = std::move(virtual_servers);
  merge();
}

void FederationSide::open() {
  patient_until_ = steady_now() + patience_at_start;
  merge();
}

bool FederationSide::waits_for_first_listings() const {
  if (offered_ || steady_now() >= patient_until_) return false;
  const bool opened = patient_until_ != SteadyTime::max();
  return !opened || std::ranges::any_of(sources_, [](const auto& source) { return source.second->is_starting(); });
}

void FederationSide::apply(const routing::RouteTable::Change& change) {
  if (!started_) return;
  routes_.apply(change);
  for (const std::string& name : change.removed) forget(name);
  for (const routing::RoutePtr& route : change.set) follow(route);
}

void FederationSide::follow(const routing::RoutePtr& route) {
  const auto known = sources_.find(route->name);
  // A name of the file that moves from the servers to the tools keeps its uid.
  const bool is_another = known != sources_.end() && (known->second->route->uid != route->uid ||
                                                      known->second->is_tool() != static_cast<bool>(route->tool));
  if (is_another || !route->federated) forget(route->name);
  if (!route->federated) return;
  auto& source = sources_[route->name];
  if (route->tool) return follow_tool(source, route);
  if (source == nullptr) {
    source = std::make_unique<Source>(Source{.route = route, .lister = nullptr, .tool = nullptr});
    source->lister = std::make_unique<peer::Lister>(outbound_, listed(*route), peer::ListerOptions(),
                                                    [this](const catalogue::ListingPtr& listing) {
                                                      if (listing != nullptr) hooks_.on_listing(listing);
                                                      merge_soon();
                                                    });
    return;
  }
  const routing::RoutePtr before = std::exchange(source->route, route);
  if (*before->federated != *route->federated) {
    source->lister->describe(listed(*route));
    merge_soon();
  }
  if (before->endpoints != route->endpoints || before->extra_fields != route->extra_fields) source->lister->refresh();
}

void FederationSide::follow_tool(std::unique_ptr<Source>& source, const routing::RoutePtr& route) {
  if (source != nullptr) {
    const bool is_back = none_ready(*source->route) && !none_ready(*route);
    if (is_back || !tools::same_server(*source->route, *route)) tools_.forget(route->name);
  }
  const bool only_moved =
      source != nullptr && source->route->tool == route->tool && source->route->federated == route->federated;
  if (only_moved) {
    source->route = route;
    return;
  }
  source = std::make_unique<Source>(Source{.route = route, .lister = nullptr, .tool = tools::listing_of(*route)});
  hooks_.on_listing(source->tool);
  merge_soon();
}

void FederationSide::forget(const std::string& name) {
  const auto found = sources_.find(name);
  if (found == sources_.end()) return;
  peers_.sessions.remove_adapter(found->second->route->uid);
  tools_.forget(name);
  sources_.erase(found);
  merge_soon();
}

void FederationSide::heard(const std::string& adapter, const std::string& method) {
  const auto found = sources_.find(adapter);
  if (found != sources_.end() && found->second->lister != nullptr) found->second->lister->heard(method);
}

std::vector<const FederationSide::Source*> FederationSide::in_order() const {
  std::vector<const Source*> ordered;
  for (const auto& [name, source] : sources_) ordered.push_back(source.get());
  std::ranges::sort(ordered, {}, [](const Source* source) {
    return std::pair(source->route->federated->position, std::string_view(source->route->name));
  });
  return ordered;
}

void FederationSide::merge_soon() {
  if (merge_timer_.armed() && offered_) return;
  merge_timer_.arm(steady_now() + std::max(merge_delay, last_merge_ * 4));  // A fifth of the loop's time at most.
}

void FederationSide::merge() {
  if (waits_for_first_listings()) {
    if (patient_until_ != SteadyTime::max()) merge_timer_.arm(patient_until_);
    return;
  }
  offered_ = true;
  const SteadyTime begun = steady_now();
  std::vector<catalogue::ListingPtr> listings;
  for (const Source* source : in_order()) {
    if (const catalogue::ListingPtr& listing = source->listing()) listings.push_back(listing);
  }
  catalogue::MergeOptions options = catalogue::merge_options(options_);
  options.pins = hooks_.pins();
  snapshot_ = catalogue::merge(listings, options, ++generation_);
  hooks_.publish(federation::make_offer(snapshot_, listings, options_, virtual_servers_));
  last_merge_ = steady_now() - begun;
  log::debug("federation.merged", {{"generation", generation_},
                                   {"servers", listings.size()},
                                   {"tools", snapshot_->items(Kind::tool).size()},
                                   {"hidden", snapshot_->hidden().size()}});
}

Task<> FederationSide::shut_down() {
  started_ = false;
  sources_.clear();
  merge_timer_.disarm();
  peers_.sessions.end_all();
  if (reaper_ != nullptr) co_await with_timeout(patience_at_end, reaper_->reap());
  reaper_.reset();
  peers_.channels.stop();
}

js::object FederationSide::status() const {
  js::object items;
  std::uint64_t tokens = 0;
  for (const auto& [kind, name] : counted) items[name] = snapshot_->items(kind).size();
  for (const catalogue::Item& tool : snapshot_->items(Kind::tool)) tokens += tool.estimated_tokens;
  js::array servers;
  for (const Source* source : in_order()) {
    if (source->lister != nullptr) servers.push_back(source->status());
  }
  js::array hidden;
  for (const catalogue::Hidden& item : snapshot_->hidden()) hidden.push_back(hidden_json(item));
  return {{"generation", generation_}, {"merging", merge_timer_.armed()}, {"items", std::move(items)},
          {"estimatedTokens", tokens}, {"servers", std::move(servers)},   {"hidden", std::move(hidden)}};
}

js::object FederationSide::trouble(const std::string& tool) const {
  const auto found = tools_.find(tool);
  if (!found) return {};
  return {{"since", json::format_timestamp(found->since)}, {"attempts", found->attempts}, {"error", found->error}};
}

}  // namespace gw::app
