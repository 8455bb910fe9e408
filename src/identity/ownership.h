// The role rules: who may see and use a resource, and who may change it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "identity/principal.h"

namespace gw::identity {

inline constexpr std::string_view default_admin_role = "mcp.admin";
// In requiredRoles: everybody who is authenticated.
inline constexpr std::string_view everybody = "*";

// What the rules look at. Of every resource kind.
struct Ownership {
  std::string created_by;  // Principal::user of its creator; "configuration" for those of the file.
  std::vector<std::string> required_roles;

  bool operator==(const Ownership&) const = default;
};

bool is_admin(const Principal& who, std::string_view admin_role = default_admin_role);
// Reading is using, too: the creator, an administrator, whoever has one of the required roles. Without required roles
// the resource is private.
bool may_read(const Principal& who, const Ownership& what, std::string_view admin_role = default_admin_role);
// Changing, removing: the creator and administrators. Required roles never allow it.
bool may_write(const Principal& who, const Ownership& what, std::string_view admin_role = default_admin_role);

}  // namespace gw::identity
