// The routes as each worker sees them. Reading is a lookup in the worker's own map; a change reaches every worker as
// one message, so a request sees all of a change or nothing of it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "routing/route.h"
#include "runtime/workers.h"

namespace gw::routing {

using RoutePtr = std::shared_ptr<const AdapterRoute>;

// Belongs to one worker.
class RouteTable {
 public:
  // Null when there is no such adapter. Keep the pointer as long as the route is used.
  RoutePtr find(std::string_view name) const;
  std::size_t size() const { return routes_.size(); }
  std::vector<std::string> names() const;

  struct Change {
    std::vector<RoutePtr> set;
    std::vector<std::string> removed;
  };
  void apply(const Change& change);
  // Called with the ids of endpoints that left the table, after each change that took some away.
  void on_endpoints_gone(std::function<void(const std::vector<std::string>&)> function) {
    gone_.push_back(std::move(function));
  }
  // Called after each change of what an adapter is and who may use it; where it runs does not count.
  void on_change(std::function<void()> function) { changed_.push_back(std::move(function)); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, RoutePtr, Hash, std::equal_to<>> routes_;
  std::vector<std::function<void(const std::vector<std::string>&)>> gone_;
  std::vector<std::function<void()>> changed_;
};

// Hands changes to all workers. Any thread may publish; one thread's changes arrive in their order.
class RoutePublisher {
 public:
  RoutePublisher(Workers& workers, std::vector<RouteTable*> tables) : workers_(workers), tables_(std::move(tables)) {}
  void publish(RouteTable::Change change);
  // Called by publish(), on its thread. Set before the first.
  void on_publish(std::function<void(const RouteTable::Change&)> function) { published_ = std::move(function); }
  // Later changes go nowhere. The tables may be destroyed on their loops once every publish() has returned.
  void close() { closed_ = true; }

 private:
  std::atomic<bool> closed_ = false;
  Workers& workers_;
  std::vector<RouteTable*> tables_;
  std::function<void(const RouteTable::Change&)> published_;
};

}  // namespace gw::routing
