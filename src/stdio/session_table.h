// The sessions of legacy clients and the child processes behind them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "process/instance_status.h"
#include "runtime/loop.h"
#include "runtime/task_group.h"
#include "stdio/child_runner.h"
#include "stdio/legacy_mux.h"
#include "stdio/options.h"
#include "stdio/start_backoff.h"

namespace gw::stdio {

// A child process and its clients.
struct LegacyChild {
  LegacyChild(ChildStarter& starter, const BridgeOptions& options)
      : runner(starter, options.max_message), mux(runner, options.sharing) {}

  ChildRunner runner;
  LegacyMux mux;
  SteadyTime started = steady_now();
};

struct Session {
  std::string id;  // 128 random bits in hexadecimal.
  std::shared_ptr<LegacyChild> child;
  ClientId client = 0;
  SteadyTime last_used{};
  std::shared_ptr<streamable::Mailbox> event_stream;  // HTTP+SSE only: where everything goes.
};

// How the children are, for the status of the adapter.
struct Health {
  process::InstanceState state = process::InstanceState::ready;
  std::string last_error;  // Of the last child that ended by itself; empty when none has.
  std::uint32_t restarts = 0;
  WallTime started_at{};  // Of the latest child.
};

// The state of something whose last starts have failed.
process::InstanceState state_of_failures(std::uint32_t failures);

// Belongs to one loop. A shared child is started at once, kept running, and started again with growing waits when it
// ends; when nobody has used it for long it is stopped until somebody does.
class SessionTable {
 public:
  // `starter` must outlive this. `on_change` is called from the loop when the health may have changed.
  SessionTable(Loop& loop, ChildStarter& starter, BridgeOptions options, std::function<void()> on_change);
  ~SessionTable();

  // A new session, on a new child or on the shared one. Errc::unavailable at the limit, or while a server that cannot
  // start is left alone for a while.
  Result<std::shared_ptr<Session>> open();
  // Null when there is none. Counts as use.
  std::shared_ptr<Session> find(std::string_view id);
  // Its calls are cancelled; an exclusive child ends with it. Nothing happens when it has ended already.
  void close(const std::shared_ptr<Session>& session);
  // A message of the session's client: see LegacyMux::post.
  std::optional<mcp::Refusal> post(const Session& session, const mcp::Message& message,
                                   const std::shared_ptr<streamable::Mailbox>& answers);
  // Ends everything; open() fails from now on.
  void close_all();

  // Whether it has not ended.
  bool is_open(const Session& session) const { return sessions_.contains(session.id); }

  Health health() const;
  std::size_t size() const { return sessions_.size(); }
  std::size_t children() const { return serving_.size(); }
  // Set while no child runs.
  Event& quiet() { return quiet_; }

 private:
  struct Ending;

  std::shared_ptr<LegacyChild> child_for_new_session();
  void keep_shared_child();
  Task<> serve(std::shared_ptr<LegacyChild> child);
  void child_spoke();
  void child_gone(const LegacyChild& child, std::string_view why);
  void note_end(const LegacyChild& child, std::string_view why);
  void sweep();
  void begin_overdue();

  ChildStarter& starter_;
  const BridgeOptions options_;
  const std::function<void()> on_change_;
  bool closed_ = false;
  StartBackoff backoff_;
  std::map<std::string, std::shared_ptr<Session>, std::less<>> sessions_;
  std::shared_ptr<LegacyChild> shared_child_;
  SteadyTime shared_last_used_{};
  bool ever_spoke_ = false;  // Any child.
  Health health_;
  Event quiet_;
  Timer sweeper_;
  Timer restart_;      // While a shared child that ended waits to be started again.
  Timer turns_;        // While calls of a shared child wait for their turn.
  TaskGroup serving_;  // Last: its tasks use everything above.
};

}  // namespace gw::stdio
