// An MCP server that costs next to nothing: fixed answers over Streamable HTTP, one thread.
//
// initialize gives a session id; tools/list has as many tools as it was told; tools/call of "stream" answers with
// events (arguments bytes, per_second, batch), of "big" with 8 MiB, of any other tool with about 200 bytes of JSON; GET
// opens a stream that stays silent; DELETE ends nothing. It knows no method of the modern revision. Under the path
// /mute it answers nothing, under /stalling everything but tools/call.
#pragma once

#include <cstddef>
#include <memory>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/common/poller.h"

namespace gw::bench {

class ServedConnection;

class UpstreamServer {
 public:
  explicit UpstreamServer(std::size_t tools);
  ~UpstreamServer();

  // Returns the port. Throws std::system_error, for example when it is taken.
  std::uint16_t listen(const Address& address);
  [[noreturn]] void run();

  // For connections: calls resume() of that one at `due`, unless it is closed by then.
  void resume_at(Nanos due, std::size_t connection) { schedule_.push({due, connection}); }
  const std::string& tools() const { return tools_; }  // The result of tools/list.
  void reap(std::size_t connection) { lost_.push_back(connection); }

 private:
  struct Due {
    Nanos at;
    std::size_t connection;
    bool operator>(const Due& other) const { return at > other.at; }
  };

  class Listener;

  void accept_all(const Fd& listener);
  void resume_due();

  const std::string tools_;
  Poller poller_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::size_t next_number_ = 0;
  std::unordered_map<std::size_t, std::unique_ptr<ServedConnection>> connections_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> schedule_;
  std::vector<std::size_t> lost_;
};

}  // namespace gw::bench
