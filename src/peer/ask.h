// The one language of the core: a self-contained request, what comes before its answer, and the answer, as the modern
// revision (2026-07-28) has them. Edges translate it for clients and servers of either era; registered tools speak it
// too.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "identity/principal.h"
#include "runtime/task.h"

namespace gw::peer {

// Who asks, as far as the server may know. Raw JSON; shared by all requests of a client.
struct Client {
  identity::PrincipalPtr who;
  std::string capabilities = "{}";  // In modern form.
  std::string info;                 // Implementation; may be empty.
  std::string address;              // Numeric.
  std::string session;              // Id of the client's own legacy session; empty when it has none.
};
using ClientPtr = std::shared_ptr<const Client>;

// A request for one server. `params` is the raw JSON object without protocol metadata of either era: no progress token,
// no "io.modelcontextprotocol/…" of the envelope; all other members, also of _meta, are the caller's bytes.
struct Ask {
  ClientPtr client;
  std::string method;
  std::string params = "{}";
  std::string name;             // Of a tool or prompt, address of a resource: what Mcp-Name mirrors.
  std::string extra_fields;     // "Mcp-Param-…: …\r\n" lines for modern servers.
  std::string identity_fields;  // access::Access::identity_fields.
  std::string request_id;       // For logs and X-Request-Id.
  std::string log_level;        // Empty: none wanted.
  bool wants_progress = false;
  bool repeatable = false;  // Sending it twice is harmless.
};

// What comes before the answer. All texts are raw JSON. Destroying the task of a method cancels it.
class Events {
 public:
  virtual ~Events() = default;
  // A notification about this request: "notifications/progress" (without its token), "notifications/message", others.
  virtual Task<Result<>> notification(std::string_view method, std::string_view params) = 0;
  // A request of a legacy server in the middle of the call (elicitation, sampling, roots): completes with the client's
  // answer, a raw `result`; or the code and message to answer with. Several may run at once, beside notifications; what
  // still runs when the call is answered is destroyed.
  struct Declined {
    int code = 0;
    std::string message;
    std::string data;
  };
  virtual Task<std::expected<std::string, Declined>> request(std::string_view method, std::string_view params) = 0;
};

// The answer. `result` is raw JSON in modern form (resultType may be absent, which means complete).
struct Outcome {
  std::string result;  // Empty when `failed`.
  bool plain = false;  // The result is known to have no member that only the modern revision has.
  struct Failure {
    int code = 0;
    std::string message;
    std::string data;  // Raw JSON; may be empty.
  };
  std::optional<Failure> failed;  // The server's own JSON-RPC error.
};

// Something that answers: a server behind an adapter, or a registered tool. Belongs to one loop.
class Peer {
 public:
  virtual ~Peer() = default;
  // Errors are about the way there: Errc::unavailable, Errc::timeout, Errc::upstream (nonsense came), Errc::forbidden.
  // The sentence names the server and may be shown. Destroying the task cancels the call as the server's era wants it.
  // `ask` and `events` must outlive the task.
  virtual Task<Result<Outcome>> call(const Ask& ask, Events& events) = 0;
};

}  // namespace gw::peer
