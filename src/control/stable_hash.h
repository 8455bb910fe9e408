// A short name for a text that is the same in every run of the program and on every machine.
#pragma once

#include <string>
#include <string_view>

namespace gw::control {

// 16 hexadecimal digits (FNV-1a). Tells texts apart that nobody chose to collide; it is no secret and no signature.
std::string stable_hash(std::string_view text);

}  // namespace gw::control
