#include "federation/caller.h"

#include "base/check.h"
#include "identity/ownership.h"

namespace gw::federation {

using catalogue::Item;
using catalogue::Kind;

policy::ItemKind policy_kind(Kind kind) {
  switch (kind) {
    case Kind::tool: return policy::ItemKind::tool;
    case Kind::prompt: return policy::ItemKind::prompt;
    default: return policy::ItemKind::resource;
  }
}

Visibility::Visibility(const access::Access& access, const Backends& backends, const Caller& caller)
    : access_(access), backends_(backends), caller_(caller), use_(caller.use) {}

const routing::AdapterRoute* Visibility::usable(std::string_view source) {
  if (latest_ == usable_.end() || latest_->first != source) {
    latest_ = usable_.find(source);
    if (latest_ == usable_.end()) latest_ = usable_.emplace(source, find_usable(source)).first;
  }
  return latest_->second.get();
}

routing::RoutePtr Visibility::find_usable(std::string_view source) {
  routing::RoutePtr route = backends_.route(source);
  if (route == nullptr) return nullptr;
  use_.route = route.get();
  const std::string& admin = access_.settings().auth->options.admin_role;
  const bool may =
      identity::may_read(*use_.who, route->ownership, admin) && access_.shows(use_, policy::ItemKind::none, {}, {});
  return may ? route : nullptr;
}

const access::Use& Visibility::use_of(std::string_view source) {
  use_.route = usable(source);
  GW_CHECK(use_.route != nullptr, source);
  return use_;
}

bool Visibility::may_know(std::string_view source) {
  return usable(source) != nullptr;
}

bool Visibility::shows(const Item& item) {
  return (caller_.server == nullptr || catalogue::selects(*caller_.server, item)) && permits(item);
}

bool Visibility::permits(const Item& item) {
  const routing::AdapterRoute* const route = usable(item.adapter);
  if (route == nullptr) return false;
  use_.route = route;
  const bool is_tool = item.kind == Kind::tool;
  return access_.shows(use_, policy_kind(item.kind), item.upstream_name,
                       is_tool ? std::optional(item.hints) : std::nullopt);
}

namespace {

void append(std::string& key, std::string_view text) {
  key.append(std::to_string(text.size())).append(":").append(text);
}

void append(std::string& key, const std::vector<std::string>& texts) {
  key.append(std::to_string(texts.size())).append(";");
  for (const std::string& text : texts) append(key, text);
}

}  // namespace

std::string view_key(const Caller& caller) {
  const identity::Principal& who = *caller.use.who;
  std::string key;
  key.reserve(128 + caller.capabilities.size());
  key += caller.era == mcp::Era::modern ? 'm' : 'l';
  append(key, caller.server != nullptr ? caller.server->name : std::string());
  append(key, who.user);
  append(key, who.name);  // Rules about API keys may name it.
  append(key, who.api_key);
  append(key, who.roles);
  append(key, who.groups);
  append(key, who.scopes);
  append(key, caller.use.client);
  append(key, caller.capabilities);
  key += caller.use.refuses_items ? 'x' : 'o';  // The filter may not count yet, or any more.
  return key;
}

}  // namespace gw::federation
