// Addresses of resources in results: what a server calls its resources becomes what clients call them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gw::catalogue {

using AddressMap = std::function<std::string(std::string_view upstream_uri)>;

// `result` is the raw JSON of a result of tools/call, prompts/get or resources/read. Replaced are the `uri` of resource
// links and embedded resources in `content` and in the `content` of `messages`, the `uri` of `contents`, and
// `_meta.ui.resourceUri` of the result and of those. Every other byte stays, also in members of the same names
// elsewhere
// (`structuredContent`). Nothing when there is nothing to change, or when the text is no JSON object; that costs one
// scan.
std::optional<std::string> rewrite_addresses(std::string_view result, const AddressMap& to_client);

}  // namespace gw::catalogue
