#include "control/permissions.h"

#include <algorithm>
#include <array>

namespace gw::control {
namespace {

constexpr std::string_view anonymous = "anonymous";

using enum Who;

constexpr std::array table{
    Rule{{Kind::gateway, Verb::probe}, anybody, true},
    Rule{{Kind::gateway, Verb::index}, authenticated, true},
    Rule{{Kind::gateway, Verb::observe}, administrators, true},
    Rule{{Kind::gateway, Verb::whoami}, authenticated},

    Rule{{Kind::adapter, Verb::list}, authenticated},
    Rule{{Kind::adapter, Verb::create}, authenticated},
    Rule{{Kind::adapter, Verb::read}, readers},
    Rule{{Kind::adapter, Verb::status}, readers},
    Rule{{Kind::adapter, Verb::logs}, readers},
    Rule{{Kind::adapter, Verb::approvals}, readers},
    Rule{{Kind::adapter, Verb::update}, writers},
    Rule{{Kind::adapter, Verb::approve}, writers},
    Rule{{Kind::adapter, Verb::remove}, writers},

    Rule{{Kind::catalogue, Verb::list}, authenticated},
    Rule{{Kind::tool, Verb::list}, authenticated},
    Rule{{Kind::tool, Verb::create}, authenticated},
    Rule{{Kind::tool, Verb::read}, readers},
    Rule{{Kind::tool, Verb::status}, readers},
    Rule{{Kind::tool, Verb::logs}, readers},
    Rule{{Kind::tool, Verb::update}, writers},
    Rule{{Kind::tool, Verb::remove}, writers},

    Rule{{Kind::key, Verb::list}, authenticated},
    Rule{{Kind::key, Verb::create}, authenticated},
    Rule{{Kind::key, Verb::read}, readers},
    Rule{{Kind::key, Verb::remove}, writers},

    Rule{{Kind::secret, Verb::list}, administrators},
    Rule{{Kind::secret, Verb::update}, administrators},
    Rule{{Kind::secret, Verb::remove}, administrators},

    Rule{{Kind::policy, Verb::explain}, administrators},
};

Permission granted_if(bool condition) {
  return condition ? Permission::granted : Permission::denied;
}

}  // namespace

std::span<const Rule> rules() {
  return table;
}

const Rule* rule_of(const Operation& operation) {
  const auto found = std::ranges::find(table, operation, &Rule::operation);
  return found == table.end() ? nullptr : &*found;
}

Permission permission_of(const identity::Principal& who, const Rule& rule,
                         const std::optional<identity::Ownership>& what, std::string_view admin_role) {
  if (rule.who == anybody) return Permission::granted;
  if (is_stranger(who)) return granted_if(rule.strangers);
  if (rule.who == authenticated) return Permission::granted;
  if (rule.who == administrators) return granted_if(identity::is_admin(who, admin_role));
  if (!what || !identity::may_read(who, *what, admin_role)) return Permission::hidden;
  return granted_if(rule.who == readers || identity::may_write(who, *what, admin_role));
}

bool is_stranger(const identity::Principal& who) {
  return who.method == identity::Method::none && who.user.empty() && who.roles.empty();
}

std::string creator_name(const identity::Principal& who) {
  return who.method == identity::Method::none ? std::string(anonymous) : who.user;
}

identity::Ownership ownership_of(const model::Adapter& adapter) {
  const bool owned = adapter.origin == model::Origin::api && adapter.created_by != anonymous;
  return {.created_by = owned ? adapter.created_by : "", .required_roles = adapter.spec.required_roles};
}

}  // namespace gw::control
