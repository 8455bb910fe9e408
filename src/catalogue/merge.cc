#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/core.h>

#include "base/glob.h"
#include "base/sha256.h"
#include "catalogue/naming.h"
#include "catalogue/snapshot_data.h"
#include "catalogue/splice.h"
#include "mcp/json_text.h"

namespace gw::catalogue {
namespace {

bool is_address(Kind kind) {
  return kind == Kind::resource || kind == Kind::resource_template;
}

// An item that has or keeps a name.
struct Candidate {
  const ListingPtr* listing = nullptr;
  const Definition* definition = nullptr;
  const Override* change = nullptr;  // May be null.
  bool quarantined = false;

  const std::string& adapter() const { return (*listing)->adapter; }
};

class Merger {
 public:
  Merger(const std::vector<ListingPtr>& listings, const MergeOptions& options, Snapshot::Data& out)
      : options_(options), out_(out) {
    for (const Override& change : options.overrides) overrides_[change.adapter].push_back(&change);
    for (const ListingPtr& listing : listings) collect(listing);
    out_.map_every_address = options.prefix_mode == PrefixMode::always;
  }

  // Tools come after the resources that they may name.
  void run() {
    count_addresses();
    for (const Kind kind : {Kind::resource, Kind::resource_template, Kind::prompt, Kind::tool}) {
      for (const Candidate& candidate : of(kind)) place(candidate);
      index(kind);
    }
    std::ranges::sort(out_.hidden, {}, [&](const Hidden& h) {
      return std::tuple(rank_.at(h.adapter), h.kind, std::string_view(h.upstream_name), std::string_view(h.detail));
    });
  }

 private:
  std::vector<Candidate>& of(Kind kind) { return candidates_[static_cast<std::size_t>(kind)]; }
  std::vector<Item>& items(Kind kind) { return out_.items[static_cast<std::size_t>(kind)]; }

  void hide(const std::string& adapter, Kind kind, const std::string& name, Hidden::Why why, std::string detail,
            std::string hash = {}, std::string other = {}) {
    out_.hidden.push_back({adapter, kind, name, why, std::move(detail), std::move(hash), std::move(other)});
  }

  // What is left of a listing without what its server says twice, what is overridden away and what is invalid.
  void collect(const ListingPtr& listing) {
    out_.adapters.insert(listing->adapter);
    rank_.try_emplace(listing->adapter, rank_.size());
    std::set<std::pair<Kind, std::string_view>> seen;
    for (const Definition& definition : listing->definitions) {
      const Override* const change = override_of(listing->adapter, definition);
      if (!seen.emplace(definition.kind, definition.name).second) {
        hide(listing->adapter, definition.kind, definition.name, Hidden::Why::conflict,
             fmt::format("'{}' lists it more than once", listing->adapter));
      } else if (change && change->hide) {
        hide(listing->adapter, definition.kind, definition.name, Hidden::Why::override_, "an override hides it");
      } else {
        of(definition.kind).push_back({&listing, &definition, change, quarantine(*listing, definition)});
      }
    }
    for (const Invalid& invalid : listing->invalid) {
      hide(listing->adapter, invalid.kind, invalid.name, Hidden::Why::invalid, invalid.why);
    }
  }

  const Override* override_of(const std::string& adapter, const Definition& definition) const {
    const auto found = overrides_.find(adapter);
    if (found == overrides_.end()) return nullptr;
    const auto fits = [&](const Override* o) {
      return o->kind == definition.kind && glob_match(o->match, definition.name);
    };
    const auto first = std::ranges::find_if(found->second, fits);
    return first == found->second.end() ? nullptr : *first;
  }

  bool quarantine(const Listing& listing, const Definition& definition) {
    const auto pinned = options_.pins.approved.find(listing.adapter);
    if (pinned == options_.pins.approved.end()) return false;
    const auto approved = pinned->second.find({definition.kind, definition.name});
    const bool is_new = approved == pinned->second.end();
    if (!is_new && approved->second == definition.hash) return false;
    hide(listing.adapter, definition.kind, definition.name, Hidden::Why::quarantined,
         is_new ? "it is new and waits for approval" : "its definition has changed and waits for approval",
         definition.hash);
    return true;
  }

  // Of resources, too: one whose address has braces, which no URI may have, would be taken for a template.
  static std::string shape_of(const Definition& definition) {
    const auto pattern = UriTemplate::parse(definition.name);
    return pattern ? pattern->shape() : definition.name;
  }

  // A template without variables may be the address of a resource, so the two kinds count together.
  void count_addresses() {
    for (const Kind kind : {Kind::resource, Kind::resource_template}) {
      for (const Candidate& candidate : of(kind)) {
        auto& [first, several] = holders_[shape_of(*candidate.definition)];
        if (first.empty()) first = candidate.adapter();
        several = several || first != candidate.adapter();
      }
    }
  }

  // Empty when somebody else has the name.
  std::string name_of(const Candidate& candidate) {
    const Kind kind = candidate.definition->kind;
    if (is_address(kind)) return address_of(candidate);
    const Listing& listing = **candidate.listing;
    const Override* const change = candidate.change;
    const bool renamed = change && !change->rename.empty() && is_literal_glob(change->match);
    const std::string& own = renamed ? change->rename : candidate.definition->name;
    const std::string automatic = listing.adapter + options_.separator;
    switch (options_.prefix_mode) {
      case PrefixMode::never: return claim(candidate, own);
      case PrefixMode::always: return claim(candidate, (listing.prefix.empty() ? automatic : listing.prefix) + own);
      case PrefixMode::conditional: {
        std::string name = claim(candidate, listing.prefix + own);
        return name.empty() ? claim(candidate, automatic + listing.prefix + own) : name;
      }
    }
    return {};
  }

  std::string claim(const Candidate& candidate, const std::string& wanted) {
    std::string name = legal_name(wanted, options_.longest_name);
    const auto [holder, is_new] = claimed_.try_emplace({candidate.definition->kind, name}, &candidate);
    if (is_new) return name;
    lost_to_ = holder->second;
    return {};
  }

  std::string address_of(const Candidate& candidate) {
    const std::string& uri = candidate.definition->name;
    const std::string shape = shape_of(*candidate.definition);
    const bool several = holders_.at(shape).several;
    const bool keeps = options_.prefix_mode == PrefixMode::never;
    if (keeps && several) {
      lost_to_ = claimed_.try_emplace({Kind::resource, shape}, &candidate).first->second;
      if (lost_to_->adapter() != candidate.adapter()) return {};
    }
    // What looks as if it were mapped must be, or it would be taken for an address of another adapter.
    const bool maps = options_.prefix_mode == PrefixMode::always || (several && !keeps) || unmapped_address(uri);
    return maps ? mapped_address(candidate.adapter(), uri) : uri;
  }

  void place(const Candidate& candidate) {
    const Definition& definition = *candidate.definition;
    std::string name = name_of(candidate);
    if (candidate.quarantined) return;
    if (name.empty()) {
      return hide(candidate.adapter(), definition.kind, definition.name, Hidden::Why::conflict,
                  fmt::format("'{}' of '{}' came first", lost_to_->definition->name, lost_to_->adapter()), {},
                  lost_to_->adapter());
    }
    items(definition.kind).push_back(make_item(candidate, std::move(name)));
  }

  Item make_item(const Candidate& candidate, std::string name) const {
    const Definition& definition = *candidate.definition;
    Item item{.kind = definition.kind,
              .adapter = candidate.adapter(),
              .name = std::move(name),
              .upstream_name = definition.name,
              .definition = {*candidate.listing, &definition},
              .description = definition.description,
              .hints = definition.hints,
              .tags = (*candidate.listing)->tags};
    const Changes changes = changes_of(candidate, item);
    const bool changed = !changes.name.empty() || !changes.description.empty() || !changes.annotations.empty() ||
                         !changes.ui_resource.empty();
    item.json = changed ? with_changes(definition.kind, definition.json, changes) : definition.json;
    item.hash = changed ? sha256_hex(item.json) : definition.hash;
    item.estimated_tokens = static_cast<std::uint32_t>((item.json.size() + 3) / 4);
    return item;
  }

  // What to splice; what an override changes is set in `item`, too.
  Changes changes_of(const Candidate& candidate, Item& item) const {
    Changes changes;
    if (item.name != item.upstream_name) changes.name = item.name;
    if (const Override* const change = candidate.change) {
      changes.description = change->description;
      if (!change->description.empty()) item.description = change->description;
      if (item.kind == Kind::tool) {
        changes.annotations = change->annotations;
        for (const auto& [hint, value] : change->annotations) set_hint(item.hints, hint, value);
      }
    }
    if (item.kind != Kind::tool) return changes;
    if (const std::string uri = ui_resource_of(candidate.definition->json); !uri.empty()) {
      std::string mapped = out_.client_address(item.adapter, uri);
      if (mapped != uri) changes.ui_resource = std::move(mapped);
    }
    return changes;
  }

  static void set_hint(policy::Hints& hints, std::string_view name, bool value) {
    if (name == "readOnlyHint") hints.read_only = value;
    if (name == "destructiveHint") hints.destructive = value;
    if (name == "idempotentHint") hints.idempotent = value;
    if (name == "openWorldHint") hints.open_world = value;
  }

  void index(Kind kind) {
    std::vector<std::string> order;
    if (kind == Kind::resource_template) {
      for (const Item& item : items(kind)) order.push_back(item.name);
    }
    std::ranges::sort(items(kind), {}, &Item::name);
    auto& by_name = out_.by_name[static_cast<std::size_t>(kind)];
    by_name.reserve(items(kind).size());
    for (const Item& item : items(kind)) by_name.emplace(item.name, &item);
    for (const std::string& name : order) {
      if (auto pattern = UriTemplate::parse(name)) out_.templates.push_back({*std::move(pattern), by_name.at(name)});
    }
  }

  struct Holders {
    std::string first;  // Adapter.
    bool several = false;
  };

  const MergeOptions& options_;
  Snapshot::Data& out_;
  std::unordered_map<std::string_view, std::vector<const Override*>> overrides_;  // By adapter.
  std::unordered_map<std::string, std::size_t> rank_;                             // Of adapters.
  std::array<std::vector<Candidate>, kinds> candidates_;
  std::map<std::pair<Kind, std::string>, const Candidate*> claimed_;
  std::unordered_map<std::string, Holders> holders_;  // By the shape of an address.
  const Candidate* lost_to_ = nullptr;
};

std::string capabilities_of(const std::vector<ListingPtr>& listings) {
  bool prompts = false, resources = false, subscribe = false, completions = false, logging = false;
  for (const ListingPtr& listing : listings) {
    const std::string_view all = listing->capabilities;
    if (!mcp::is_json_object(all)) continue;
    const auto has = [&](std::string_view member) { return mcp::is_json_object(mcp::json_member(all, member)); };
    prompts = prompts || has("prompts");
    completions = completions || has("completions");
    logging = logging || has("logging");
    if (!has("resources")) continue;
    resources = true;
    subscribe = subscribe || mcp::json_member(mcp::json_member(all, "resources"), "subscribe") == "true";
  }
  std::string text = R"({"tools":{"listChanged":true})";
  if (prompts) text += R"(,"prompts":{"listChanged":true})";
  if (resources)
    text += fmt::format(R"(,"resources":{{{}"listChanged":true}})", subscribe ? R"("subscribe":true,)" : "");
  if (completions) text += R"(,"completions":{})";
  if (logging) text += R"(,"logging":{})";
  return text + "}";
}

}  // namespace

SnapshotPtr merge(const std::vector<ListingPtr>& listings, const MergeOptions& options, std::uint64_t generation) {
  auto data = std::make_shared<Snapshot::Data>();
  data->generation = generation;
  data->capabilities = capabilities_of(listings);
  Merger(listings, options, *data).run();
  return std::make_shared<const Snapshot>(std::move(data));
}

}  // namespace gw::catalogue
