// The client side that all workloads share: connections, request texts, and one open MCP session per client.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/common/connection.h"
#include "bench/load/options.h"

namespace gw::bench {

struct Reply {
  int status = 0;
  bool event_stream = false;
  bool has_result =
      false;  // The first bytes of the body hold a "result" member, and none that says that a tool failed.
  std::string session_id;
};

class ClientConnection;

class ClientHandler {
 public:
  // The whole reply is there; the connection is free for the next request.
  virtual void on_reply(ClientConnection& connection) = 0;
  // Bytes of a body as they come in.
  virtual void on_body_bytes(ClientConnection&, std::string_view) {}
  virtual void on_reply_head(ClientConnection&) {}
  // The connection is gone, in the middle of a reply when `connection.busy()`. The handler may reconnect() it.
  virtual void on_connection_lost(ClientConnection& connection) = 0;

 protected:
  ~ClientHandler() = default;
};

// One keep-alive connection, one request at a time.
class ClientConnection final : public Connection {
 public:
  ClientConnection(Poller& poller, ClientHandler& handler, const Address& target, std::size_t index)
      : Connection(poller, connect_to(target, index), HttpReader::Kind::responses), handler_(handler), index_(index) {}

  // `due` is when the request should have left: latency counts from there.
  void request(std::string_view text, Nanos due);

  bool busy() const { return busy_; }
  std::size_t index() const { return index_; }
  Nanos due() const { return due_; }
  const Reply& reply() const { return reply_; }
  std::size_t tag = 0;  // For the handler.

 private:
  void on_head(const MessageHead& head) override;
  void on_body(std::string_view bytes) override;
  void on_message_end() override;
  void on_lost() override { handler_.on_connection_lost(*this); }

  ClientHandler& handler_;
  std::size_t index_;
  bool busy_ = false;
  bool at_body_start_ = false;
  Nanos due_ = 0;
  Reply reply_;
};

using Clients = std::vector<std::unique_ptr<ClientConnection>>;

// Writes request texts; keeps what never changes.
class RequestWriter {
 public:
  explicit RequestWriter(const Options& options);

  std::string post(std::size_t adapter, std::string_view session_id, std::string_view body) const;
  std::string get(std::size_t adapter, std::string_view session_id) const;

 private:
  std::string start(std::string_view method, std::size_t adapter, std::string_view session_id) const;

  std::vector<std::string> paths_;
  std::string fixed_headers_;
};

// A tools/call with small arguments: 137 bytes for a tool "echo".
std::string call_text(std::string_view tool);
// A tools/list; `cursor` needs no escapes.
std::string list_text(std::string_view cursor = {});

// Sends initialize `count` times over `connections` connections, session i to adapter i modulo options.adapters.
// Returns the ids. Throws std::runtime_error when a session cannot be opened in three attempts.
std::vector<std::string> open_sessions(Poller& poller, const Options& options, const RequestWriter& writer,
                                       std::size_t count, std::size_t connections);

}  // namespace gw::bench
