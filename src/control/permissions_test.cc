// The table of permissions: what it says, row by row, and that the API does what it says.
#include "control/permissions.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "control/api_fixture.h"

namespace gw::control {
namespace {

using enum Permission;
using identity::Ownership;
using identity::Principal;

// Who may ask, from the least to the most.
const std::map<std::string, Principal> callers{
    {"stranger", {}},
    {"outsider", person("olga", {"intern"})},
    {"reader", person("rob", {"Readers"})},
    {"creator", person("carol")},
    {"admin", person("ada", {"MCP.Admin"})},
    {"nobodyIsAsked", everybody},
};

// What a resource may be: each asks whether somebody may read it and whether he may change it.
const std::map<std::string, Ownership> resources{
    {"private", {.created_by = "carol", .required_roles = {}}},
    {"shared", {.created_by = "carol", .required_roles = {"readers"}}},
    {"public", {.created_by = "carol", .required_roles = {"*"}}},
    {"ownerless", {.created_by = "", .required_roles = {}}},
};

bool is_admin(const std::string& caller) {
  return caller == "admin" || caller == "nobodyIsAsked";
}
bool reads(const std::string& caller, const std::string& resource) {
  if (is_admin(caller)) return true;
  if (caller == "creator") return resource != "ownerless";
  return (resource == "shared" && caller == "reader") || resource == "public";
}
bool writes(const std::string& caller, const std::string& resource) {
  return is_admin(caller) || (caller == "creator" && resource != "ownerless");
}

// What each operation must allow, written down a second time: changing the table means changing this.
const std::map<std::pair<Kind, Verb>, std::string> expected{
    {{Kind::gateway, Verb::probe}, "anybody"},
    {{Kind::gateway, Verb::index}, "authenticated or let in"},
    {{Kind::gateway, Verb::observe}, "administrators or let in"},
    {{Kind::gateway, Verb::whoami}, "authenticated"},
    {{Kind::adapter, Verb::list}, "authenticated"},
    {{Kind::adapter, Verb::create}, "authenticated"},
    {{Kind::adapter, Verb::read}, "readers"},
    {{Kind::adapter, Verb::status}, "readers"},
    {{Kind::adapter, Verb::logs}, "readers"},
    {{Kind::adapter, Verb::approvals}, "readers"},
    {{Kind::adapter, Verb::update}, "writers"},
    {{Kind::adapter, Verb::approve}, "writers"},
    {{Kind::adapter, Verb::remove}, "writers"},
    {{Kind::catalogue, Verb::list}, "authenticated"},
    {{Kind::tool, Verb::list}, "authenticated"},
    {{Kind::tool, Verb::create}, "authenticated"},
    {{Kind::tool, Verb::read}, "readers"},
    {{Kind::tool, Verb::status}, "readers"},
    {{Kind::tool, Verb::logs}, "readers"},
    {{Kind::tool, Verb::update}, "writers"},
    {{Kind::tool, Verb::remove}, "writers"},
    {{Kind::key, Verb::list}, "authenticated"},
    {{Kind::key, Verb::create}, "authenticated"},
    {{Kind::key, Verb::read}, "readers"},
    {{Kind::key, Verb::remove}, "writers"},
    {{Kind::secret, Verb::list}, "administrators"},
    {{Kind::secret, Verb::update}, "administrators"},
    {{Kind::secret, Verb::remove}, "administrators"},
    {{Kind::policy, Verb::explain}, "administrators"},
};

Permission expected_permission(const std::string& who, const std::string& caller, const std::string& resource) {
  if (who == "anybody") return granted;
  if (caller == "stranger") return who.ends_with("or let in") ? granted : denied;
  if (who.starts_with("authenticated")) return granted;
  if (who.starts_with("administrators")) return is_admin(caller) ? granted : denied;
  if (!reads(caller, resource)) return hidden;
  return who == "readers" || writes(caller, resource) ? granted : denied;
}

TEST(Permissions, AreWhatIsWrittenDownHere) {
  std::set<std::pair<Kind, Verb>> seen;
  for (const Rule& rule : rules()) {
    const std::pair operation(rule.operation.kind, rule.operation.verb);
    EXPECT_TRUE(seen.insert(operation).second) << "a second row for an operation";
    ASSERT_TRUE(expected.contains(operation));
    for (const auto& [caller, principal] : callers) {
      for (const auto& [resource, ownership] : resources) {
        EXPECT_EQ(permission_of(principal, rule, ownership, "mcp.admin"),
                  expected_permission(expected.at(operation), caller, resource))
            << expected.at(operation) << ' ' << caller << ' ' << resource;
      }
    }
  }
  EXPECT_EQ(seen.size(), expected.size());
}

TEST(Permissions, WhatIsNotThereIsHidden) {
  for (const Rule& rule : rules()) {
    if (rule.who != Who::readers && rule.who != Who::writers) continue;
    for (const auto& [caller, principal] : callers) {
      const Permission wanted = caller == "stranger" ? denied : hidden;
      EXPECT_EQ(permission_of(principal, rule, {}, "mcp.admin"), wanted) << caller;
    }
  }
}

TEST(Permissions, TheAdministratorsRoleIsConfigured) {
  const Rule& rule = *rule_of({Kind::secret, Verb::list});
  EXPECT_EQ(permission_of(person("ada", {"root"}), rule, {}, "root"), granted);
  EXPECT_EQ(permission_of(person("ada", {"mcp.admin"}), rule, {}, "root"), denied);
}

TEST(Permissions, EveryRouteHasARowAndEveryRowARoute) {
  testing::run([]() -> Task<> {
    Gateway g;
    std::set<std::pair<Kind, Verb>> served;
    for (const ApiRoute& route : g.plane->routes()) {
      EXPECT_NE(rule_of(route.operation), nullptr) << route.path;
      served.emplace(route.operation.kind, route.operation.verb);
    }
    for (const Rule& rule : rules()) {
      EXPECT_TRUE(served.contains({rule.operation.kind, rule.operation.verb})) << static_cast<int>(rule.operation.verb);
    }
    co_return;
  });
}

TEST(Permissions, NobodyOwnsWhatTheFileSaysOrWhatWasMadeWhileNobodyWasAsked) {
  model::Adapter adapter;
  adapter.spec.required_roles = {"readers"};
  adapter.origin = model::Origin::file;
  adapter.created_by = "configuration";
  EXPECT_EQ(ownership_of(adapter), (Ownership{.created_by = "", .required_roles = {"readers"}}));
  adapter.origin = model::Origin::api;
  adapter.created_by = "anonymous";
  EXPECT_EQ(ownership_of(adapter).created_by, "");
  adapter.created_by = "carol";
  EXPECT_EQ(ownership_of(adapter).created_by, "carol");
}

std::string tool_of(const std::string& resource) {
  return "tool-" + resource;
}

// A gateway with an adapter and a tool of each kind of ownership, and a key of carol's.
struct Scene : Gateway {
  Scene() : Gateway({local("ownerless")}) {}

  Task<> fill() {
    co_await start();
    auto creator = callers.at("creator");
    creator.roles.push_back("ops");
    plane->apply({.operator_roles = {"ops"}});
    for (const char* name : {"private", "shared", "public"}) {
      const auto& roles = resources.at(name).required_roles;
      const std::string body =
          fmt::format(R"({{"name":"{}","command":"server","transport":"http","requiredRoles":[{}]}})", name,
                      roles.empty() ? "" : '"' + roles[0] + '"');
      EXPECT_EQ((co_await ask_as(creator, "POST", "/adapters", body)).status, 201);
    }
    for (const auto& [name, ownership] : resources) {
      const std::string body = fmt::format(
          R"({{"name":"{0}","command":"server","requiredRoles":[{1}],"toolDefinition":{{"tool":
              {{"name":"{0}","inputSchema":{{"type":"object"}}}}}}}})",
          tool_of(name), ownership.required_roles.empty() ? "" : '"' + ownership.required_roles[0] + '"');
      const Principal& maker = ownership.created_by.empty() ? everybody : creator;
      EXPECT_EQ((co_await ask_as(maker, "POST", "/tools", body)).status, 201);
    }
    const auto made = co_await ask_as(callers.at("creator"), "POST", "/keys", R"({"name":"k"})");
    key = std::string(made.json().at("id").as_string());
  }
  std::string key;
};

// The status that an operation which may be done leads to when it is asked with an empty object.
bool shows_permission(int status) {
  return status != 403 && status != 404 && status != 401 && status < 500;
}

TEST(Permissions, TheApiDoesWhatTheTableSays) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.fill();
    for (const ApiRoute& route : std::vector(g.plane->routes())) {
      const Rule& rule = *rule_of(route.operation);
      for (const auto& [resource, ownership] : resources) {
        for (const auto& [caller, principal] : callers) {
          const bool key = route.operation.kind == Kind::key;
          std::string target = route.path;
          if (const auto at = target.find('{'); at != std::string::npos) {
            const bool tool = route.operation.kind == Kind::tool;
            target.replace(at, target.find('}') - at + 1, key ? g.key : tool ? tool_of(resource) : resource);
          }
          const Ownership what = key ? resources.at("private") : ownership;
          const Permission wanted = permission_of(principal, rule, what, "mcp.admin");
          // Nothing may change, so that each question has the same answer: what would remove is not done.
          if (route.method == http::Method::del && wanted == granted) continue;
          const std::string body = route.takes == Takes::json ? "{}" : "";
          const auto reply = co_await g.ask_as(principal, std::string(http::to_string(route.method)), target, body);
          const std::string about = fmt::format("{} {} by {}: {} {}", http::to_string(route.method), target, caller,
                                                reply.status, reply.body);
          if (wanted == granted) EXPECT_TRUE(shows_permission(reply.status)) << about;
          if (wanted == denied) EXPECT_EQ(reply.status, 403) << about;
          if (wanted == hidden) EXPECT_EQ(reply.status, 404) << about;
        }
      }
    }
  });
}

}  // namespace
}  // namespace gw::control
