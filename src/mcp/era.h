// Protocol revisions and eras, and what an endpoint must check about a POSTed message before it looks at the method.
//
// Legacy: 2024-11-05 to 2025-11-25 (handshake, sessions). Modern: 2026-07-28 (self-contained requests). The era of what
// a client sends is a property of each message: its body claims a modern revision or it does not.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mcp/jsonrpc.h"

namespace gw::mcp {

enum class Era { legacy, modern };

std::string_view to_string(Era era);

inline constexpr std::string_view legacy_versions[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};
inline constexpr std::string_view modern_versions[] = {"2026-07-28"};
inline constexpr std::string_view latest_legacy_version = "2025-11-25";
inline constexpr std::string_view first_modern_version = "2026-07-28";

bool is_legacy_version(std::string_view version);
// Names a revision without handshake, known to us or newer: a date from 2026-07-28 on.
bool names_modern_version(std::string_view version);

// The header fields that mirror a message; the values are trimmed, absent fields are nothing.
struct MirrorHeaders {
  std::optional<std::string_view> protocol_version;  // MCP-Protocol-Version
  std::optional<std::string_view> method;            // Mcp-Method
  std::optional<std::string_view> name;              // Mcp-Name
};

// Which era's rules apply to a POSTed message (front-door classification), or why neither do.
std::expected<Era, Refusal> classify(const Message& message, const MirrorHeaders& headers);

// What an endpoint must check about a modern message itself, in the order of the status table of the 2026-07-28
// transport: envelope, agreement of headers and body, supported revision, required headers. Nothing when it may go on.
// Notifications pass: the revision defines no header rules for them. Mcp-Param-* and client capabilities are left to
// whoever knows the tool.
std::optional<Refusal> check_modern(const Message& message, const MirrorHeaders& headers,
                                    std::span<const std::string_view> supported = modern_versions);

// The member that Mcp-Name mirrors for the method of `message` (raw JSON, empty when the body lacks it), or nothing
// when the method has no such header.
std::optional<std::string_view> mirrored_name(const Message& message);

// A header value as its sender meant it: decodes "=?base64?…?=", passes anything else. Nothing for a malformed
// sentinel.
std::optional<std::string> decode_header_value(std::string_view value);

// The other way: `value` itself where a header may hold it, else its sentinel.
std::string encode_header_value(std::string_view value);

// raw JSON of error.data for an unsupported revision: {"supported":[…],"requested":…}. `requested` is raw JSON.
std::string unsupported_version_data(std::span<const std::string_view> supported, std::string_view requested);

}  // namespace gw::mcp
