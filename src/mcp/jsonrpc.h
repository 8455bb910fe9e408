// JSON-RPC 2.0 messages as MCP restricts them: found by scanning, changed by splicing, never re-encoded. Integers above
// 2^53, member order and members that nobody here knows survive.
#pragma once

#include <cstddef>
#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace gw::mcp {

namespace code {
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
inline constexpr int server_error = -32000;  // What legacy SDKs use for everything that is about the transport.
inline constexpr int header_mismatch = -32020;
inline constexpr int missing_client_capability = -32021;
inline constexpr int unsupported_protocol_version = -32022;
}  // namespace code

enum class Kind {
  request,
  notification,
  response,  // With a result.
  error_response,
  batch,  // An array (2025-03-26 only): see `elements`.
};

// What a message says. Every member but `kind`, `method` and `elements` is the raw JSON text of a value, strings with
// their quotes, empty where the message does not have it; all borrow from the scanned bytes.
struct Message {
  std::string_view text;  // The whole message without blanks around it.
  Kind kind = Kind::notification;
  std::string_view id;  // A string or an integer: 1 and "1" differ. Empty or null in some error responses.
  std::string method;   // Decoded; empty in responses.

  std::string_view params;                // An object.
  std::string_view name;                  // params.name: of a tool or a prompt.
  std::string_view uri;                   // params.uri
  std::string_view task_id;               // params.taskId
  std::string_view request_id;            // params.requestId: what notifications/cancelled is about.
  std::string_view progress;              // params.progressToken: what notifications/progress is about.
  std::string_view level;                 // params.level
  std::string_view arguments;             // params.arguments: of a tool or a prompt.
  std::string_view ref;                   // params.ref: what completion/complete is about.
  std::string_view notifications;         // params.notifications: what subscriptions/listen asks for.
  std::string_view requested_version;     // params.protocolVersion of initialize.
  std::string_view session_capabilities;  // params.capabilities of initialize: the client's, for the session.

  std::string_view meta;                 // (params or result)._meta
  std::string_view progress_token;       // params._meta.progressToken
  std::string_view claimed_version;      // params._meta["io.modelcontextprotocol/protocolVersion"]
  std::string_view client_capabilities;  // params._meta["io.modelcontextprotocol/clientCapabilities"]
  std::string_view client_info;          // params._meta["io.modelcontextprotocol/clientInfo"]
  std::string_view log_level;            // params._meta["io.modelcontextprotocol/logLevel"]
  std::string_view subscription_id;      // (params or result)._meta["io.modelcontextprotocol/subscriptionId"]

  std::string_view result;
  std::string_view negotiated_version;   // result.protocolVersion of initialize.
  std::string_view server_capabilities;  // result.capabilities
  std::string_view supported_versions;   // result.supportedVersions of server/discover.
  std::string_view result_type;          // result.resultType
  std::string_view ttl;                  // result.ttlMs
  std::string_view cache_scope;          // result.cacheScope

  std::string_view error;
  std::string_view error_code;  // error.code

  std::vector<std::string_view> elements;  // Of a batch: each a message to be scanned.
};

// Why a message is not accepted, and the answer that says so.
struct Refusal {
  int http_status = 400;
  int code = code::invalid_request;
  std::string message;  // One sentence for the peer.
  std::string id;       // Raw; empty where it could not be read, which is answered with null.
  std::string data;     // Raw JSON of error.data, or empty.

  // The JSON-RPC error response.
  std::string body() const;
};

struct ScanLimits {
  std::size_t max_bytes = 32 << 20;
  std::size_t max_depth = 128;
};

// Scans one message (or batch). The whole text is checked to be JSON in UTF-8. Refused besides: another "jsonrpc" than
// "2.0", ids and progress tokens that are neither strings nor integers, `params` that is not an object, and a second
// occurrence of any member listed in Message, because two readers of such a message may understand two different
// things.
std::expected<Message, Refusal> scan(std::string_view text, const ScanLimits& limits = {});

// Replaces the bytes of `span`, which borrows from the spliced text, by `replacement`. An empty span is left out.
struct Edit {
  std::string_view span;
  std::string_view replacement;
};

// A copy of `text` with the edits, which must not overlap, and no other byte changed.
std::string splice(std::string_view text, std::initializer_list<Edit> edits);
std::string splice(std::string_view text, std::vector<Edit> edits);

// `id`, `data` and `result` are raw JSON; an empty `id` is written as null, an empty `data` is left out.
std::string error_response(std::string_view id, int code, std::string_view message, std::string_view data = {});
std::string result_response(std::string_view id, std::string_view result);

}  // namespace gw::mcp
