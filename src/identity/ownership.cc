#include "identity/ownership.h"

#include <algorithm>

namespace gw::identity {
namespace {

bool created(const Principal& who, const Ownership& what) {
  return !who.user.empty() && who.user == what.created_by;
}

}  // namespace

bool is_admin(const Principal& who, std::string_view admin_role) {
  return who.has_role(admin_role);
}

bool may_read(const Principal& who, const Ownership& what, std::string_view admin_role) {
  return created(who, what) || is_admin(who, admin_role) ||
         std::ranges::any_of(what.required_roles,
                             [&](const std::string& role) { return role == everybody || who.has_role(role); });
}

bool may_write(const Principal& who, const Ownership& what, std::string_view admin_role) {
  return created(who, what) || is_admin(who, admin_role);
}

}  // namespace gw::identity
