// The gateway as an OAuth protected resource (RFC 9728): which resources there are, and what their metadata says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/settings.h"

namespace gw::access {

inline constexpr std::string_view metadata_root = "/.well-known/oauth-protected-resource";

// The path that names the MCP endpoint which `path` belongs to: "/mcp", "/adapters/x/mcp" (also for its /sse and
// /messages), "/servers/x/mcp". Empty for the REST API.
std::string resource_path(std::string_view path);

// What `aud` of a token for that resource may be where the issuer's configuration names nothing.
std::vector<std::string> default_audiences(std::string_view origin, std::string_view resource_path);

// The URL of the metadata of a resource; of the root for the REST API.
std::string metadata_url(std::string_view origin, std::string_view resource_path);

// The document at `path`, or nothing when no resource has it there. Whether the adapter exists is not told.
std::optional<std::string> metadata_document(const Settings& settings, std::string_view path);

}  // namespace gw::access
