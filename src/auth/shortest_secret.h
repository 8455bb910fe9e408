// How short a secret may be that the configuration brings.
#pragma once

#include <cstddef>

namespace gw::auth {

// Characters of an API key, of `auth.trustedHeader.secret` and of `router.secret`, once they are resolved.
inline constexpr std::size_t shortest_secret = 16;

}  // namespace gw::auth
