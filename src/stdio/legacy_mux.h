// Clients of the legacy era on one child process.
//
// A child speaks to one client: it knows one id space, one initialize, one log level. With Sharing::exclusive there is
// one client, and its bytes pass unchanged. With Sharing::shared there are many, and this class is the one client:
// * Ids and progress tokens are mapped to numbers of ours and restored with their JSON type.
// * The child is initialized by us, once, offering sampling and elicitation; each client's initialize is answered from
//   that result, with the revision that the client asked for when it is a known older one.
// * Log level: the lowest that any client asked for. Subscriptions to resources: the union.
//
// A request of the child (sampling, elicitation, roots) does not say which call it belongs to. With one client there is
// no question which client is meant. With many, calls during which servers may ask back (tools/call, prompts/get,
// resources/read, tasks/result) take turns: those of a client that can be asked never overlap with those of others, so
// a question belongs to the client whose turn it is. Clients that cannot be asked share one turn. Nobody waits longer
// than `longest_wait`: then calls do overlap, and a question that may belong to several clients is answered with an
// error, because guessing could show one user's data to another.
// Within a client, a message goes out on the stream of the call that began last, else on the stream that the client
// holds open, else it waits for one.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/jsonrpc.h"
#include "runtime/time.h"
#include "stdio/call_table.h"
#include "stdio/child_port.h"
#include "stdio/shared_state.h"
#include "streamable/mailbox.h"

namespace gw::stdio {

enum class Sharing { exclusive, shared };

class LegacyMux final : public ChildEvents {
 public:
  static constexpr Duration longest_wait = std::chrono::seconds(10);

  // `child` must outlive this.
  LegacyMux(ChildPort& child, Sharing sharing);
  ~LegacyMux() override;

  // Initializes a shared child before any client asks for it.
  void initialize_child();

  // A client comes. With Sharing::exclusive only one ever may.
  ClientId join();
  // It goes: what it was waiting for is cancelled at the child.
  void leave(ClientId client);
  std::size_t clients() const { return clients_.size(); }

  // A message of the client, not a batch. Answers, and what belongs to them, are put into `answers`, which is needed
  // for requests only; never from within this call for a message that goes to the child. A refusal is the answer
  // itself.
  std::optional<mcp::Refusal> post(ClientId client, const mcp::Message& message,
                                   const std::shared_ptr<streamable::Mailbox>& answers);

  // The stream that the client holds open; it replaces and closes an earlier one. Messages that had to wait go out.
  void attach_stream(ClientId client, const std::shared_ptr<streamable::Mailbox>& stream);

  // Begins the calls that have waited for their turn too long. To be called about once a second while has_waiting().
  void begin_overdue(SteadyTime now);
  bool has_waiting() const { return !queue_.empty(); }

  // Whether the client waits for an answer or holds a stream open.
  bool in_use(ClientId client) const;

  void from_child(const mcp::Message& message) override;
  void child_gone(std::string_view why) override;

 private:
  struct Client {
    ClientId id = 0;
    std::string capabilities;  // Raw JSON from its initialize.
    bool can_be_asked = false;
    std::weak_ptr<streamable::Mailbox> stream;
    std::deque<std::string> backlog;  // Waits for a stream.
    std::size_t backlog_bytes = 0;
  };
  struct Waiting {  // An initialize that came before the child had answered ours.
    ClientId client;
    std::string id;
    std::string requested_version;
    std::weak_ptr<streamable::Mailbox> answers;
  };
  struct Queued {  // A call that waits for its turn.
    Call call;
    std::string text;
    SteadyTime since;
  };
  enum class Prefer { call, stream };

  bool shared() const { return sharing_ == Sharing::shared; }

  std::optional<mcp::Refusal> post_request(Client& client, const mcp::Message& m,
                                           const std::shared_ptr<streamable::Mailbox>& answers);
  std::optional<mcp::Refusal> post_notification(Client& client, const mcp::Message& m);
  void post_cancelled(Client& client, const mcp::Message& m);
  void post_response(Client& client, const mcp::Message& m);
  std::optional<mcp::Refusal> forward(Client& client, const mcp::Message& m,
                                      const std::shared_ptr<streamable::Mailbox>& answers);
  void begin(Call call, const mcp::Message& m);
  bool may_begin(const Call& call) const;
  void begin_queued();
  void begin_first_queued();

  void initialize_shared(Client& client, const mcp::Message& m, const std::shared_ptr<streamable::Mailbox>& answers);
  void take_initialize_result(const mcp::Message& m);
  void answer_initialize(const Waiting& waiting, const mcp::Message& result);
  void drop_client_from_shared(ClientId client);

  void response_from_child(const mcp::Message& m);
  void request_from_child(const mcp::Message& m);
  void notification_from_child(const mcp::Message& m);
  void progress_from_child(const mcp::Message& m);
  void log_from_child(const mcp::Message& m);
  void broadcast(const mcp::Message& m);
  Client* client_asked_by_child(const mcp::Message& m, std::string& refusal);
  Client* sole_client_with_calls();
  // False when the message could not even be kept.
  bool deliver(Client& client, std::string message, Prefer prefer);
  std::shared_ptr<streamable::Mailbox> stream_of_latest_call(const Client& client);
  static std::string own_id(std::string_view name);
  void send_own(std::string_view name, std::string_view method, std::string_view params);

  ChildPort& child_;
  const Sharing sharing_;
  std::map<ClientId, Client> clients_;
  ClientId last_client_ = 0;
  CallTable calls_;
  std::uint64_t last_call_ = 0;
  std::map<std::string, ClientId, std::less<>>
      asked_;  // Requests of the child, by canonical id, that a client answers.

  // Shared only.
  bool initializing_ = false;
  std::string initialize_result_;  // The child's response to our initialize.
  std::vector<Waiting> waiting_;
  std::deque<Queued> queue_;
  Subscriptions subscriptions_;
  LogLevels levels_;
};

}  // namespace gw::stdio
