// Which texts may be user ids. Within this module.
#pragma once

#include <string_view>

namespace gw::auth {

inline constexpr std::string_view api_key_prefix = "key:";
inline constexpr std::string_view anonymous_user = "anonymous";
inline constexpr std::string_view configuration_user = "configuration";

// What somebody from outside may be called: a text without control characters that is none of the names which the
// gateway gives itself. Whoever were called "configuration" would own what the file declares.
bool may_be_user(std::string_view user);

}  // namespace gw::auth
