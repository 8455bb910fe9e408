// Where the requests of an adapter go: an immutable picture, made by the control plane and read by the data plane.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/url.h"
#include "identity/ownership.h"
#include "model/adapter.h"
#include "net/address.h"
#include "net/egress.h"
#include "net/inproc.h"
#include "net/tls.h"

namespace gw::routing {

// One running instance of an adapter's server, and how to reach it.
struct Endpoint {
  // Sealed into session ids, so it must not be reused for something that does not know these sessions: for a process it
  // names one start of it, for a URL it stays the same as long as the URL does.
  std::string id;
  std::uint32_t instance = 0;
  bool ready = true;        // New sessions may go there; existing ones go there in any case.
  bool is_process = false;  // A refused connection means that the process and its sessions are gone.

  net::HostPort address;
  std::shared_ptr<const net::TlsContext> tls;      // Null: plain text.
  std::shared_ptr<net::InprocListener> inproc;     // Instead of an address: a service of this process.
  std::shared_ptr<const net::EgressRules> egress;  // Where its name may lead; null: anywhere.

  std::string host;      // Value of the Host field.
  std::string path;      // Of the MCP endpoint, with the query; empty when the server speaks HTTP+SSE only.
  std::string sse_path;  // Of the HTTP+SSE event stream; empty when there is none.

  bool operator==(const Endpoint&) const = default;
};

// What /mcp makes of an adapter.
struct Federated {
  std::uint64_t position = 0;  // Adapters keep their names in this order, then in that of their own names.
  std::string tool_prefix;
  std::vector<std::string> tags;
  std::vector<std::string> categories;
  std::string hint;
  bool pinned = false;

  bool operator==(const Federated&) const = default;
};

// Shared by the routes that were made of it; equal when what it says is.
struct SharedTool : std::shared_ptr<const model::ToolSpec> {
  using shared_ptr::shared_ptr;
  SharedTool(std::shared_ptr<const model::ToolSpec> tool) : shared_ptr(std::move(tool)) {}

  friend bool operator==(const SharedTool& a, const SharedTool& b) {
    return a.get() == b.get() || (a && b && *a == *b);
  }
};

struct AdapterRoute {
  std::string name;
  std::string uid;
  identity::Ownership ownership;  // Who may use it.
  model::ForwardedIdentity forwarded_identity = model::ForwardedIdentity::none;
  bool session_per_client = false;  // Federated: no two clients share a session on the server (sessionSharing: client).
  std::optional<Federated> federated;           // Nothing: it is no part of /mcp.
  SharedTool tool;  // Given: a registered tool. Its endpoints speak no MCP; their paths may hold "{name}" (model/tool.h).
  std::vector<Endpoint> endpoints;
  std::string extra_fields;              // "Name: value\r\n" lines that every request to the upstream carries.
  std::vector<std::string> extra_names;  // Their names: a client's own fields of these names are not forwarded.
  Duration connect_timeout = std::chrono::seconds(5);
  Duration response_timeout = std::chrono::minutes(5);
  Duration call_timeout{};           // From the request to the end of its answer; zero: no limit.
  std::uint64_t max_body_bytes = 0;  // Of a request; 0: what the server allows.
  std::uint32_t max_depth = 0;       // Nesting of a message; 0: mcp::ScanLimits. Looked at only where bodies are read.
  std::string unavailable_reason;    // Why there is no ready endpoint, where that is known: "process 'x' is starting".

  const Endpoint* find(std::string_view endpoint_id) const;

  bool operator==(const AdapterRoute&) const = default;
};

// The parts of an adapter's URL. Errc::invalid names what is wrong with it.
using UpstreamUrl = http::Url;
Result<UpstreamUrl> parse_upstream_url(std::string_view url);

// The target (path and query) that the endpoint event of an HTTP+SSE stream names, relative to the stream's own URL.
// Errc::upstream for another origin, which could be anywhere, and for what is no URI.
Result<std::string> resolve_message_target(std::string_view stream_origin, std::string_view stream_target,
                                           std::string_view data);

}  // namespace gw::routing
