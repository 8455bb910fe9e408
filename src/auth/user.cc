#include "auth/user.h"

#include <algorithm>

namespace gw::auth {

bool may_be_user(std::string_view user) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return !user.empty() && user != anonymous_user && user != configuration_user && !user.starts_with(api_key_prefix) &&
         std::ranges::none_of(user, is_control);
}

}  // namespace gw::auth
