// The adapter resource: a registered MCP server, as a user declared it. A value without behaviour.
//
// It has exactly one source: a URL, a local command, or a container image. The REST API, the configuration file and the
// store all speak of this type; model/adapter_json.h reads and writes it, model/adapter_check.h says what is wrong with
// it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/tool.h"
#include "runtime/time.h"

namespace gw::model {

// How the server speaks. For a URL: http (Streamable HTTP) or sse (HTTP+SSE of 2024-11-05). For a command: stdio or
// http.
enum class Transport { http, sse, stdio };

// Whose child process a legacy client of a stdio server talks to.
enum class StdioSharing {
  per_session,  // One child per MCP session.
  shared,       // One child per replica for everybody: request ids and progress tokens are re-mapped.
};

// What the server learns of the caller.
enum class ForwardedIdentity {
  none,
  headers,  // X-Mcp-UserId, X-Mcp-UserName, X-Mcp-Roles.
  token,    // The same, and X-Mcp-Identity: a token that the gateway signed (ES256; keys at /.well-known/jwks.json).
};

// Who shares a session on the server with whom under /mcp.
enum class SessionSharing {
  principal,  // Clients of one principal with the same capabilities.
  client,     // Nobody: each session of a client has its own.
};

// Where a resource comes from; those of the configuration file are read-only in the API.
enum class Origin { api, file };

// A remote server. Values of `headers` may hold references, resolved when used: ${env:NAME} and ${file:/path}.
struct UrlSource {
  std::string url;
  std::map<std::string, std::string> headers;
  std::string hostname;  // Sent as Host instead of the URL's authority when not empty.
  std::string ca_file;   // PEM certificates to trust instead of the system's when not empty.
  std::string ca_cert;   // The same as text. At most one of the two is set.

  bool operator==(const UrlSource&) const = default;
};

// A local process, run without a shell.
struct CommandSource {
  std::string command;
  std::vector<std::string> args;
  std::string cwd;  // Empty: the state directory's private folder of the adapter.
  std::string path =
      "/mcp";  // For transport http: the path of the MCP endpoint on the port that the gateway hands out.

  bool operator==(const CommandSource&) const = default;
};

struct ImageSource {
  std::string name;
  std::string version;

  bool operator==(const ImageSource&) const = default;
};

// 0 means no limit, except where stated.
struct AdapterLimits {
  Duration connect_timeout = std::chrono::seconds(5);
  Duration response_timeout = std::chrono::minutes(5);  // From the end of the request to the head of the response.
  Duration idle_timeout = std::chrono::minutes(30);     // Sessions (stdio children) unused this long are ended.
  std::uint32_t max_sessions = 100;                     // stdio children at once, per replica.
  Duration call_timeout{};                              // From a request to the end of its answer.
  std::uint64_t max_body_bytes = 0;                     // Of a request; never more than http.maxBodyBytes.
  std::uint32_t max_depth = 0;                          // Nesting of a message.

  bool operator==(const AdapterLimits&) const = default;
};

// Everything that a user may set. PUT replaces all of it.
struct AdapterSpec {
  std::string name;  // ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$, at most 63 characters.
  std::string description;
  bool enabled = true;
  Transport transport = Transport::http;
  StdioSharing sharing = StdioSharing::per_session;
  std::optional<UrlSource> url;
  std::optional<CommandSource> command;
  std::optional<ImageSource> image;
  std::map<std::string, std::string> environment;
  std::uint32_t replica_count = 1;
  std::vector<std::string> required_roles;
  bool use_workload_identity = false;
  ForwardedIdentity forwarded_identity = ForwardedIdentity::none;
  bool federated = true;  // Its tools, prompts and resources are offered under /mcp.
  bool pinned = false;    // Federated: what it changes waits for an approval.
  SessionSharing session_sharing = SessionSharing::principal;
  std::string tool_prefix;
  std::vector<std::string> categories;  // Categories, hint and tags are shown to whoever chooses among servers.
  std::string hint;
  std::vector<std::string> tags;
  AdapterLimits limits;
  std::optional<ToolSpec> tool;  // Given: the resource is a registered tool.

  bool operator==(const AdapterSpec&) const = default;
};

struct Adapter {
  AdapterSpec spec;
  Origin origin = Origin::api;
  std::string uid;             // Given at creation and never reused: tells a re-created adapter from its namesake.
  std::uint64_t revision = 1;  // Grows with each change; the ETag is made of it.
  std::uint32_t position = 0;  // Of the file: its place there.
  std::string created_by;
  WallTime created_at{};
  WallTime last_updated_at{};

  bool operator==(const Adapter&) const = default;
};

}  // namespace gw::model
