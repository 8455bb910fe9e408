// What legacy clients said after their start, and what they were shown: for all workers, by ClientSession::id.
#pragma once

#include <array>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalogue/item.h"
#include "peer/wake.h"
#include "runtime/time.h"

namespace gw::federation {

struct SessionRecord {
  bool ended = false;
  std::string log_level;                          // Empty: the client wants no log messages.
  std::set<std::string> subscriptions;            // Addresses as the client knows them.
  std::optional<std::set<std::string>> selected;  // select_tools: the tools that it wants listed.
  // Only of this run of the gateway:
  std::array<std::string, catalogue::kinds> listed;  // View::hash of what it was shown last; empty: nothing yet.
  std::uint64_t stream = 0;                          // The GET stream that tells it of changes: the one opened last.
};
using SessionRecordPtr = std::shared_ptr<const SessionRecord>;

// Of what outlives a restart.
std::string to_text(const SessionRecord& record);
std::optional<SessionRecord> record_from_text(std::string_view text);

// Thread-safe. Sessions that said nothing take no memory. When more than `most` did, those that were quiet for longest
// are forgotten; those that are older than `lifetime` in any case, because their ids are not valid any more. Ends of
// sessions are counted apart: what others say makes nobody forget that one has ended, nor the other way round.
class SessionMemory {
 public:
  SessionMemory(std::size_t most, Duration lifetime) : most_(most), lifetime_(lifetime) {}

  // Never null.
  SessionRecordPtr find(std::string_view id) const;
  // Runs `change` under the lock, unless the session has ended; wakes its watches. `keep`: whether the store should
  // know.
  void change(const std::string& id, const std::function<void(SessionRecord&)>& change, bool keep = true);
  // From now on find() says `ended`, and nothing else of it is remembered.
  void end(const std::string& id);
  // What a store kept: before the first request.
  void restore(const std::string& id, SessionRecord record);
  std::size_t size() const;
  // What size() can be.
  std::size_t most() const { return 2 * most_; }

  // Called on any thread after each change that a store should keep. Set before the loops run.
  std::function<void(const std::string& id, const SessionRecord& record)> on_change;

  // Wakes a task of the present loop when the session changes. Ends when it is destroyed.
  class Watch {
   public:
    Watch(SessionMemory& memory, std::string id);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    // The task resets it.
    Event& changed() { return waiter_->woken; }

   private:
    SessionMemory& memory_;
    const std::string id_;
    const std::shared_ptr<peer::Waiter> waiter_;
  };

 private:
  struct Entry {
    SessionRecordPtr record;
    SteadyTime changed;
    std::list<std::string>::iterator place;  // In its order.
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view id) const { return std::hash<std::string_view>()(id); }
  };
  using Order = std::list<std::string>;  // The one that changed longest ago first.

  Order& order_of(const SessionRecord& record) { return record.ended ? ended_ : order_; }
  void put(const std::string& id, SessionRecordPtr record);
  void forget_oldest(Order& order, SteadyTime now);

  const std::size_t most_;
  const Duration lifetime_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
  Order order_;  // Of those that have not ended.
  Order ended_;
  std::multimap<std::string, std::shared_ptr<peer::Waiter>> watches_;
};

}  // namespace gw::federation
