#include "identity/principal.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/base64.h"
#include "base/strings.h"
#include "json/json.h"

namespace gw::identity {
namespace {

boost::json::array array_of(const std::vector<std::string>& texts) {
  boost::json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::none: return "none";
    case Method::token: return "token";
    case Method::api_key: return "api_key";
    case Method::trusted_header: return "trusted_header";
    case Method::development: return "development";
  }
  return "none";
}

bool Principal::has_role(std::string_view role) const {
  return std::ranges::any_of(roles, [&](const std::string& mine) { return iequals(mine, role); });
}

bool Principal::has_scope(std::string_view scope) const {
  return std::ranges::find(scopes, scope) != scopes.end();
}

std::string to_text(const Principal& p) {
  const boost::json::array members{static_cast<int>(p.method),
                                   p.user,
                                   p.name,
                                   p.issuer,
                                   p.client_id,
                                   p.api_key,
                                   array_of(p.roles),
                                   array_of(p.groups),
                                   array_of(p.scopes),
                                   p.expires};
  return base64url_encode(boost::json::serialize(members));
}

PrincipalPtr from_text(std::string_view text) {
  const auto raw = base64url_decode(text);
  if (!raw) return nullptr;
  const auto value = json::parse(*raw);
  if (!value || !value->is_array()) return nullptr;
  const auto& members = value->get_array();
  if (members.size() != 10 || !members[0].is_int64() || !members[9].is_number()) return nullptr;
  const auto method = members[0].get_int64();
  if (method < 0 || method > static_cast<int>(Method::development)) return nullptr;
  Principal p;
  p.method = static_cast<Method>(method);
  std::string* const singles[] = {&p.user, &p.name, &p.issuer, &p.client_id, &p.api_key};
  for (std::size_t i = 0; i < std::size(singles); ++i) {
    const auto* single = members[i + 1].if_string();
    if (single == nullptr) return nullptr;
    *singles[i] = *single;
  }
  std::vector<std::string>* const lists[] = {&p.roles, &p.groups, &p.scopes};
  for (std::size_t i = 0; i < std::size(lists); ++i) {
    const auto* list = members[i + 6].if_array();
    if (list == nullptr) return nullptr;
    for (const auto& element : *list) {
      if (!element.is_string()) return nullptr;
      lists[i]->emplace_back(element.get_string());
    }
  }
  p.expires = members[9].to_number<std::int64_t>();
  return std::make_shared<const Principal>(std::move(p));
}

}  // namespace gw::identity
