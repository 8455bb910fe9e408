// Lists of tools, prompts and resources on their way to clients: items that may not be seen are cut out, every other
// byte stays.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "policy/policy.h"

namespace gw::proxy {

// Larger messages and events fail closed.
inline constexpr std::size_t max_filtered = 16 << 20;

// Whether the client may see the item: name of a tool or prompt, URI of a resource, or a resource template's
// uriTemplate as text. `hints` of tools only.
using Shows =
    std::function<bool(policy::ItemKind kind, std::string_view item, const std::optional<policy::Hints>& hints)>;

// `message` without the items that `shows` refuses: those of tools, prompts, resources and resourceTemplates in the
// result of a JSON-RPC response, or of each one of a batch. Nothing when there is nothing to remove. An item whose name
// cannot be read is removed. Errc::upstream when it is no JSON.
Result<std::optional<std::string>> filter_lists(std::string_view message, const Shows& shows);

}  // namespace gw::proxy
