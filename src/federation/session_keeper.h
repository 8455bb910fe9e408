// Keeps in a store what legacy clients said, so that their sessions survive a restart of the gateway.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "federation/session_memory.h"
#include "peer/wake.h"
#include "runtime/blocking_pool.h"
#include "runtime/task_group.h"
#include "store/session_store.h"

namespace gw::federation {

struct KeeperOptions {
  Duration lifetime = std::chrono::hours(24);      // Of session ids; what is kept of a session expires with its id.
  std::size_t most = 100'000;                      // Sessions that are kept: those that changed last.
  Duration pace = std::chrono::milliseconds(100);  // Between two writes, however often sessions change.
  Duration retry = std::chrono::seconds(1);        // After a write that failed.
  Duration prune_interval = std::chrono::minutes(10);
};

// Belongs to the control loop, on which it writes in the background: the first change at once, then whatever changed
// meanwhile, each session once, as it is then. A session that has nothing to be remembered any more is removed.
class SessionKeeper {
 public:
  // Follows `memory` from now on, until it is destroyed: both while no other loop runs. Everything outlives it;
  // `blocking` has one thread, so that writes keep their order.
  SessionKeeper(Loop& loop, SessionMemory& memory, store::SessionStore& store, BlockingPool& blocking,
                KeeperOptions options);
  ~SessionKeeper();
  SessionKeeper(const SessionKeeper&) = delete;
  SessionKeeper& operator=(const SessionKeeper&) = delete;

  // Brings back what the store has and starts to write: once, before the first request. What cannot be read is logged
  // and skipped: sessions go on as if nothing had been said in them.
  Task<> restore();
  // Writes what is left without waiting, and ends the work in the background: at the end. What cannot be written is
  // lost and logged.
  Task<> settled();

 private:
  void changed(const std::string& id);
  Task<> keep_writing();
  Task<Result<>> write_some();
  void take_back();
  Task<> prune();
  void bring_back(const std::vector<store::StoredSession>& kept);
  void report(const Result<>& written);

  SessionMemory& memory_;
  store::SessionStore& store_;
  BlockingPool& blocking_;
  const KeeperOptions options_;
  const std::shared_ptr<peer::Waiter> waiter_;
  std::mutex mutex_;
  std::set<std::string> changed_;     // Under the mutex.
  std::vector<std::string> writing_;  // What the write under way is about.
  SteadyTime next_prune_{};
  bool failing_ = false;
  std::unique_ptr<TaskGroup> background_;
};

}  // namespace gw::federation
