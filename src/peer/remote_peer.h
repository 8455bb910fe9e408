// A server behind an adapter, as its callers see it: one language, whatever the server speaks.
#pragma once

#include <string>
#include <vector>

#include "peer/ask.h"
#include "peer/outbound.h"
#include "peer/server_info.h"

namespace gw::peer {

// What a listener wants to be told of.
struct Interest {
  bool tools = false;
  bool prompts = false;
  bool resources = false;
  std::vector<std::string> uris;  // Resources whose updates are wanted, as the server knows them.

  bool operator==(const Interest&) const = default;
};

// Hears what belongs to no call. Called on the loop of the listen(); must not wait, and must not destroy its task.
class Listener {
 public:
  virtual ~Listener() = default;
  // The server will tell of these: at the start, and again when the stream was lost and is back. What happened in
  // between was not heard.
  virtual void listening(const Interest& honoured) = 0;
  // "notifications/tools/list_changed" and its like, "notifications/resources/updated" with its params (raw JSON,
  // without metadata of subscriptions). Others that the server sends come too.
  virtual void heard(std::string_view method, std::string_view params) = 0;
};

// Cheap to make; keeps nothing but the name. Belongs to the loop of its Outbound, which must outlive it and all its
// tasks. Several calls may run at once.
//
// A session that a legacy server lost is opened again, with its log level and subscriptions. A message is sent a second
// time only when the server did not accept it (404 for its session, a refusal by its era, no connection) or when
// Ask::repeatable says that twice is harmless.
//
// Server requests `ping` are answered here; all others go to Events::request. Notifications that belong to no call and
// come with one all the same (list_changed) go to Shared::on_change and not to its events.
class RemotePeer final : public Peer {
 public:
  RemotePeer(Outbound& outbound, std::string adapter) : outbound_(outbound), adapter_(std::move(adapter)) {}

  // As Peer::call; also Errc::not_found when there is no such adapter (its server is not federated any more).
  // Destroying the task cancels the call: legacy servers are told by notifications/cancelled, of modern ones the stream
  // is closed. Modern servers: `result` may be an InputRequiredResult, which is the caller's business.
  Task<Result<Outcome>> call(const Ask& ask, Events& events) override;

  // What the server says of itself. Opens a session (of `ask.client`) or discovers, when that is not known yet. Of
  // `ask` only the client, identity and request id count.
  Task<Result<ServerInfo>> about(Ask ask);

  // Hears of changes until it is destroyed, or until the stream is lost: then it returns, and who still wants to hear
  // calls again after a while. Without an error when the server ended the stream in good order. Errc::unsupported when
  // the server offers no stream: its changes are seen by asking only. Of `ask` the same members count.
  //
  // Legacy: several listeners of one session, on whichever loops, share one stream; resources are subscribed while
  // somebody wants them. Modern: one subscriptions/listen each.
  Task<Result<>> listen(Ask ask, Interest interest, Listener& listener);

  // A notification of the client for a legacy server (notifications/roots/list_changed); nothing for modern ones.
  Task<Result<>> notify(Ask ask);

  const std::string& adapter() const { return adapter_; }

 private:
  Outbound& outbound_;
  std::string adapter_;
};

}  // namespace gw::peer
