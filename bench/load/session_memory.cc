#include <boost/json.hpp>

#include <stdexcept>

#include "bench/load/client.h"
#include "bench/load/measurement.h"
#include "bench/load/tool_names.h"
#include "bench/load/workloads.h"

namespace gw::bench {
namespace {

// One call in each session, over a few kept connections.
class Calls final : public ClientHandler {
 public:
  Calls(Poller& poller, const Options& options, const RequestWriter& writer, const std::vector<std::string>& tools)
      : poller_(poller), writer_(writer), tools_(tools) {
    for (std::size_t i = 0; i < options.connections; ++i) {
      clients_.push_back(std::make_unique<ClientConnection>(poller_, *this, options.target, i));
    }
  }

  void run(const std::vector<std::string>& sessions) {
    sessions_ = &sessions;
    next_ = answered_ = 0;
    for (auto& client : clients_) send_next(*client);
    const Nanos give_up = now() + 120 * kSecond;
    while (answered_ < sessions.size()) {
      if (now() > give_up) throw std::runtime_error("not every session got an answer within two minutes");
      poller_.wait(now() + kSecond);
    }
  }

  std::uint64_t failed() const { return failed_; }

 private:
  void send_next(ClientConnection& client) {
    if (next_ == sessions_->size()) return;
    const std::size_t session = next_++;
    client.request(writer_.post(0, (*sessions_)[session], call_text(tools_[session % tools_.size()])), now());
  }

  void on_reply(ClientConnection& client) override {
    ++answered_;
    if (client.reply().status != 200 || !client.reply().has_result) ++failed_;
    send_next(client);
  }

  void on_connection_lost(ClientConnection&) override {
    throw std::runtime_error("the connection was closed in a session's call");
  }

  Poller& poller_;
  const RequestWriter& writer_;
  const std::vector<std::string>& tools_;
  const std::vector<std::string>* sessions_ = nullptr;
  Clients clients_;
  std::size_t next_ = 0;
  std::size_t answered_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace

boost::json::object run_session_memory(const Options& options) {
  Poller poller;
  const RequestWriter writer(options);
  const ProcessTree process(options.pid);
  // What all sessions share is made by the first ones: connections, joined lists, sessions on the servers.
  const auto first = open_sessions(poller, options, writer, options.connections, options.connections);
  const auto tools = tool_names(poller, options, writer, first.front(), options.tools);
  Calls calls(poller, options, writer, tools);
  for (std::size_t called = 0; called < tools.size(); called += first.size()) calls.run(first);

  const auto before = process.resident_bytes();
  const auto sessions = open_sessions(poller, options, writer, options.sessions, options.connections);
  calls.run(sessions);
  const auto after = process.resident_bytes();
  const auto growth = static_cast<double>(after) - static_cast<double>(before);
  return {{"sessions", sessions.size()},
          {"failed", calls.failed()},
          {"rss_before", before},
          {"rss_after", after},
          {"bytes_per_session", growth / static_cast<double>(sessions.size())}};
}

}  // namespace gw::bench
