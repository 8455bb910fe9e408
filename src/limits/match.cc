#include "limits/match.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/glob.h"

namespace gw::limits {
namespace {

bool any_fits(const std::vector<std::string>& globs, std::string_view text) {
  return globs.empty() || std::ranges::any_of(globs, [&](const auto& glob) { return glob_match(glob, text); });
}

bool any_role(const std::vector<std::string>& roles, const identity::Principal& who) {
  return roles.empty() || std::ranges::any_of(roles, [&](const auto& role) { return who.has_role(role); });
}

bool counts_per(const Rule& rule, Per per) {
  return std::ranges::find(rule.per, per) != rule.per.end();
}

bool about_tools(const Rule& rule) {
  return !rule.match.tools.empty() || counts_per(rule, Per::tool);
}
bool about_adapters(const Rule& rule) {
  return !rule.match.adapters.empty() || counts_per(rule, Per::adapter);
}

std::string_view part_of(Per per, const Subject& subject) {
  switch (per) {
    case Per::principal: return subject.who->user;
    case Per::adapter: return subject.adapter;
    case Per::tool: return subject.tool;
  }
  return {};
}

}  // namespace

bool applies(const Rule& rule, const Subject& subject) {
  if (about_tools(rule) && subject.tool.empty()) return false;
  if (about_adapters(rule) && subject.adapter.empty()) return false;
  return any_fits(rule.match.users, subject.who->user) && any_role(rule.match.roles, *subject.who) &&
         any_fits(rule.match.adapters, subject.adapter) && any_fits(rule.match.tools, subject.tool);
}

bool depends_on_tool(const Rule& rule, std::string_view adapter) {
  return about_tools(rule) && any_fits(rule.match.adapters, adapter);
}

std::string key_of(std::uint64_t id, const Rule& rule, const Subject& subject) {
  std::string key = std::to_string(id);
  for (const Per per : rule.per) {
    const auto part = part_of(per, subject).substr(0, longest_part);
    key += fmt::format("\n{}:{}", part.size(), part);
  }
  return key;
}

}  // namespace gw::limits
