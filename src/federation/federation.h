// All servers as one: /mcp, and /servers/{name}/mcp for virtual servers, on one worker.
//
// Clients of both eras are answered from the snapshot of the catalogue; only what an item does goes to its server. No
// list waits for a server. What a caller may not use is not listed and is answered like what is not there. Nothing is
// re-encoded but names, ids, addresses and protocol metadata (docs/adr/0013-federation.md).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "federation/call.h"
#include "federation/worker.h"
#include "http/service.h"
#include "mcp/era.h"
#include "runtime/task_group.h"

namespace gw::federation {

// All references outlive the federation.
struct Deps {
  access::Access& access;
  Backends& backends;
  Shared& shared;
  session::Sealer sealer;
  Counters& counters;
};

// Belongs to one worker. Settings must have been applied to `access` before the first request, and every exchange must
// have its caller.
class Federation final : public http::Service {
 public:
  explicit Federation(Deps deps);
  ~Federation() override;

  // Whether a path belongs here: "/mcp", "/servers/{name}/mcp", "/servers/{namespace}/{name}/mcp".
  static bool serves(std::string_view path);

  // What there is, from now on. Before the first one requests wait, but not for long: then they are answered with 503.
  void apply(OfferPtr offer);
  // Routes or settings of access control changed on this worker: what callers see is found out anew.
  void reconsider();

  Task<Result<>> handle(http::Exchange& exchange) override;

  // Calls that go on although their client has gone.
  std::size_t calls() const { return running_.size(); }

 private:
  struct Stopped;  // Why a call is not made.

  Task<> first_offer();
  Task<Result<>> serve_post(http::Exchange& exchange, std::shared_ptr<Caller> caller);
  Task<Result<>> serve_modern(http::Exchange& exchange, std::shared_ptr<Caller> caller,
                              const mcp::MirrorHeaders& headers, const mcp::Message& message);
  Task<Result<>> serve_listen(http::Exchange& exchange, const Caller& caller, const mcp::Message& message);
  Task<Result<>> serve_legacy(http::Exchange& exchange, std::shared_ptr<Caller> caller,
                              const mcp::MirrorHeaders& headers, const mcp::Message& message);
  Task<Result<>> initialize(http::Exchange& exchange, Caller& caller, const mcp::Message& message);
  Task<Result<>> serve_batch(http::Exchange& exchange, CallerPtr who, const mcp::Message& batch);
  Task<Result<>> serve_stream(http::Exchange& exchange, Caller& caller);
  Task<Result<>> end_session(http::Exchange& exchange, Caller& caller);

  std::expected<std::shared_ptr<Caller>, mcp::Refusal> make_caller(const http::Exchange& exchange) const;
  // Fills what the caller's session says, or says why that is impossible.
  std::expected<void, mcp::Refusal> find_session(const http::Exchange& exchange, Caller& caller);

  // Whether a request that concerns no single server may be made. True: go on. False: the answer was given.
  Task<Result<bool>> admit(http::Exchange& exchange, const Caller& caller, std::string_view method, bool long_lived);
  Task<Result<>> respond_refused(http::Exchange& exchange, const access::Verdict& verdict);

  // Requests that need no server.
  Reply answer_here(const Caller& caller, const mcp::Message& message);
  Reply set_log_level(const Caller& caller, const mcp::Message& message);
  Reply subscribe(const Caller& caller, const mcp::Message& message);
  Reply unsubscribe(const Caller& caller, const mcp::Message& message);
  // Whether a modern client may hear of a resource; recorded.
  bool may_watch(const Caller& caller, const std::string& uri);
  // Notifications and answers of a legacy client take effect at once.
  void take_notification(const Caller& caller, const mcp::Message& message);
  static Task<> tell_servers(Worker& worker, Caller caller, std::string method);

  // Whether a request about an item may be made, and how.
  Task<std::expected<CallPtr, Stopped>> prepare(http::Exchange& exchange, CallerPtr who, const mcp::Message& message);
  Task<Result<>> serve_call(http::Exchange& exchange, CallerPtr who, const mcp::Message& message);
  Task<Result<>> serve_calls(http::Exchange& exchange, const Caller& caller, std::vector<CallPtr> calls,
                             std::vector<Reply> replies);
  // Makes the call; `box` gets the answer.
  Task<> deliver(CallPtr call, std::weak_ptr<streamable::Mailbox> box);

  Worker worker_;
  TaskGroup running_;  // Calls of legacy clients; last, because they use everything above.
};

}  // namespace gw::federation
