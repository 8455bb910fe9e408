// The sessions of legacy clients and the child processes behind them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
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
};

struct Session {
  std::string id;  // 128 random bits in hexadecimal.
  std::shared_ptr<LegacyChild> child;
  ClientId client = 0;
  SteadyTime last_used{};
  std::shared_ptr<Mailbox> event_stream;  // HTTP+SSE only: where everything goes.
};

// Belongs to one loop.
class SessionTable {
 public:
  // `starter` must outlive this.
  SessionTable(Loop& loop, ChildStarter& starter, BridgeOptions options);
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
                                   const std::shared_ptr<Mailbox>& answers);
  // Ends everything; open() fails from now on.
  void close_all();

  std::size_t size() const { return sessions_.size(); }
  std::size_t children() const { return serving_.size(); }
  const StartBackoff& starts() const { return backoff_; }
  // Set while no child runs.
  Event& quiet() { return quiet_; }

 private:
  struct Ending;

  std::shared_ptr<LegacyChild> child_for_new_session();
  Task<> serve(std::shared_ptr<LegacyChild> child);
  void forget(const LegacyChild& child);
  void sweep();
  void begin_overdue();

  ChildStarter& starter_;
  const BridgeOptions options_;
  bool closed_ = false;
  StartBackoff backoff_;
  std::map<std::string, std::shared_ptr<Session>, std::less<>> sessions_;
  std::shared_ptr<LegacyChild> shared_child_;
  SteadyTime shared_last_used_{};
  Event quiet_;
  Timer sweeper_;
  Timer turns_;        // While calls of a shared child wait for their turn.
  TaskGroup serving_;  // Last: its tasks use everything above.
};

}  // namespace gw::stdio
