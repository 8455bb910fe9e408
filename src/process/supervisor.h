// Keeps the local HTTP servers of adapters running: as many replicas as each adapter declares, each on a port of its
// own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/adapter.h"
#include "process/adapter_command.h"
#include "process/instance_status.h"
#include "process/launcher.h"
#include "process/log_book.h"
#include "process/replica.h"
#include "process/supervisor_options.h"

namespace gw::process {

// Everything on the launcher's control loop, or before that runs. Destroying it kills the processes; shut_down() is the
// polite way.
//
// It supervises enabled adapters with a command and transport http. What a stdio adapter needs is a process for each
// session and is started by whoever bridges the session, with spawn_request_for() and Launcher::spawn().
class Supervisor {
 public:
  // `launcher` and `logs` outlive it. `on_change(adapter)` is called from the loop after the status of one of its
  // processes has changed; changes in quick succession make one call.
  Supervisor(Launcher& launcher, LogBook& logs, SpawnDefaults defaults, SupervisorOptions options,
             std::function<void(const std::string& adapter)> on_change);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Makes the processes match the adapter, now and from now on; returns at once.
  // * More or fewer replicas are started, or drained and stopped; those with the highest numbers go.
  // * A changed command or environment replaces one replica after the other: the new process is ready before the old
  // one
  //   is drained, and an old one stays as long as the new one does not get ready.
  // * An adapter that is disabled, or not of the supervised kind, keeps no process.
  void apply(const model::Adapter& adapter);
  // Drains and stops all of its processes, and forgets its logs when they are gone.
  void remove(const std::string& name);

  // By instance. An instance has more than one process while one replaces another: first the one that counts, then its
  // successor, then those on their way out. Empty when not supervised.
  std::vector<InstanceStatus> status(const std::string& name) const;

  // Stops all processes politely and at once, without draining. Nothing is applied afterwards.
  Task<> shut_down();

 private:
  struct Slot {
    std::unique_ptr<Replica> current;
    std::unique_ptr<Replica> next;  // Replaces `current` when it is ready.
  };
  struct Group {
    model::Adapter wanted;
    std::uint32_t count = 0;  // Replicas wanted.
    bool removed = false;
    std::vector<Slot> slots;
    std::vector<std::unique_ptr<Replica>> retiring;
  };

  void changed(const std::string& name);
  void settle();
  void reconcile(const std::string& name, Group& group);
  void replace_one(const std::string& name, Group& group);
  std::unique_ptr<Replica> start(const std::string& name, const Group& group, std::uint32_t instance);
  void retire(Group& group, std::unique_ptr<Replica> replica);

  ReplicaContext context_;
  std::function<void(const std::string&)> on_change_;
  std::map<std::string, Group> groups_;
  std::set<std::string> unsettled_;
  Timer settle_soon_;
  bool shutting_down_ = false;
  Event all_gone_;
};

}  // namespace gw::process
