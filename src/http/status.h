// The one place where failures become HTTP statuses.
#pragma once

#include <string_view>

#include "base/error.h"

namespace gw::http {

int status_of(Errc code);
// "Not Found"; for unknown codes the name of their class.
std::string_view reason_of(int status);

}  // namespace gw::http
