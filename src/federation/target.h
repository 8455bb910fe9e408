// Which item a request is about, and the request as that item's server wants it.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "federation/caller.h"
#include "http/fields.h"
#include "mcp/jsonrpc.h"

namespace gw::federation {

struct Target {
  const catalogue::Item* item = nullptr;  // Of the caller's snapshot; null for a resource that no list shows.
  policy::ItemKind kind = policy::ItemKind::none;
  std::string source;
  std::string name;           // As the client wrote it: of a tool or prompt, address of a resource.
  std::string upstream_name;  // As the server knows it.
};

// Of tools/call, prompts/get, resources/read, resources/subscribe and completion/complete. What the caller may not see
// is refused like what is not there; near names are suggested, among those that it may see.
std::expected<Target, peer::Outcome::Failure> find_target(const Caller& caller, Visibility& visible,
                                                          const mcp::Message& message);
// The same for an address.
std::expected<Target, peer::Outcome::Failure> find_resource(const Caller& caller, Visibility& visible,
                                                            std::string_view uri);
peer::Outcome::Failure unknown_item(const Caller& caller, Visibility& visible, policy::ItemKind kind,
                                    std::string_view name);

// The parameters with the server's own name for the item and without the envelope of either era, as peer::Ask wants
// them. Every other byte is the client's.
std::string upstream_params(const mcp::Message& message, const Target& target);

// Whether the Mcp-Param-* fields of a modern request agree with its arguments (2026-07-28, Streamable HTTP, "Custom
// Headers from Tool Parameters").
std::optional<mcp::Refusal> check_mirrored(const catalogue::Definition& definition, const mcp::Message& message,
                                           const http::Fields& fields);
// The fields that mirror the arguments for the server: "Mcp-Param-…: …\r\n".
std::string mirrored_fields(const catalogue::Definition& definition, std::string_view arguments);

}  // namespace gw::federation
