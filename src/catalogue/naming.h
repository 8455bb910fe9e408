// Names and addresses as clients see them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gw::catalogue {

// `name` in [A-Za-z0-9_./-]{1,longest}, as merge() describes it. Deterministic. `longest` is at least 16.
std::string legal_name(std::string_view name, std::size_t longest);

// The address in a form that says whose it is.
std::string mapped_address(std::string_view adapter, std::string_view uri);

struct MappedAddress {
  std::string adapter;
  std::string uri;
};
// The reverse. Nothing for other addresses.
std::optional<MappedAddress> unmapped_address(std::string_view address);

}  // namespace gw::catalogue
