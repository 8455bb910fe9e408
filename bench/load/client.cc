#include "bench/load/client.h"

#include <fmt/core.h>

#include <stdexcept>

namespace gw::bench {
namespace {

constexpr std::string_view kInitialize =
    R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},)"
    R"("clientInfo":{"name":"bench","version":"1"}}})";

class SessionOpener final : public ClientHandler {
 public:
  SessionOpener(Poller& poller, const Options& options, const RequestWriter& writer, std::size_t count)
      : poller_(poller), options_(options), writer_(writer), ids_(count), attempts_(count) {}

  std::vector<std::string> run(std::size_t connections) {
    clients_.resize(std::min(connections, ids_.size()));
    for (std::size_t i = 0; i < clients_.size(); ++i) connect(i);
    for (auto& client : clients_) send_next(*client);
    const Nanos give_up = now() + kSecond * 120;
    while (open_ < ids_.size()) {
      if (now() > give_up)
        throw std::runtime_error(fmt::format("only {} of {} sessions are open after two minutes", open_, ids_.size()));
      poller_.wait(now() + kSecond);
      replace_lost();
    }
    return std::move(ids_);
  }

 private:
  void connect(std::size_t index) {
    clients_[index] = std::make_unique<ClientConnection>(poller_, *this, options_.target, index);
  }

  void send_next(ClientConnection& client) {
    if (next_ < ids_.size()) send(client, next_++);
  }

  void send(ClientConnection& client, std::size_t session) {
    client.tag = session;
    client.request(writer_.post(session % options_.adapters, {}, kInitialize), now());
  }

  void on_reply(ClientConnection& client) override {
    const Reply& reply = client.reply();
    if (reply.status == 200 && !reply.session_id.empty()) {
      ids_[client.tag] = reply.session_id;
      ++open_;
      return send_next(client);
    }
    if (++attempts_[client.tag] >= 3) {
      throw std::runtime_error(fmt::format("initialize of session {} was answered with status {} and {} session id",
                                           client.tag, reply.status, reply.session_id.empty() ? "no" : "a"));
    }
    send(client, client.tag);
  }

  void on_connection_lost(ClientConnection& client) override { lost_.push_back(client.index()); }

  void replace_lost() {
    for (const std::size_t index : std::exchange(lost_, {})) {
      const bool busy = clients_[index]->busy();
      const std::size_t session = clients_[index]->tag;
      if (busy && ++attempts_[session] >= 3) {
        throw std::runtime_error(fmt::format("the connection was closed on initialize of session {}", session));
      }
      connect(index);
      busy ? send(*clients_[index], session) : send_next(*clients_[index]);
    }
  }

  Poller& poller_;
  const Options& options_;
  const RequestWriter& writer_;
  std::vector<std::string> ids_;
  std::vector<std::uint8_t> attempts_;
  Clients clients_;
  std::vector<std::size_t> lost_;
  std::size_t next_ = 0;
  std::size_t open_ = 0;
};

}  // namespace

void ClientConnection::request(std::string_view text, Nanos due) {
  busy_ = true;
  due_ = due;
  send(text);
}

void ClientConnection::on_head(const MessageHead& head) {
  reply_.status = head.status();
  reply_.event_stream = head.event_stream;
  reply_.session_id = head.session_id;
  reply_.has_result = false;
  at_body_start_ = true;
  handler_.on_reply_head(*this);
}

void ClientConnection::on_body(std::string_view bytes) {
  if (std::exchange(at_body_start_, false)) {
    reply_.has_result = bytes.substr(0, 128).find("\"result\"") != std::string_view::npos &&
                        bytes.substr(0, 512).find("\"isError\":true") == std::string_view::npos;
  }
  handler_.on_body_bytes(*this, bytes);
}

void ClientConnection::on_message_end() {
  busy_ = false;
  handler_.on_reply(*this);
}

RequestWriter::RequestWriter(const Options& options) {
  for (std::size_t adapter = 0; adapter < options.adapters; ++adapter) {
    std::string path = options.path;
    if (const auto at = path.find("{n}"); at != std::string::npos) path.replace(at, 3, std::to_string(adapter));
    paths_.push_back(std::move(path));
  }
  fixed_headers_ = fmt::format(
      " HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: mcp-bench\r\nAccept: application/json, text/event-stream\r\n"
      "MCP-Protocol-Version: 2025-11-25\r\n",
      options.target.host, options.target.port);
  for (const auto& header : options.headers) fixed_headers_ += header + "\r\n";
}

std::string RequestWriter::start(std::string_view method, std::size_t adapter, std::string_view session_id) const {
  std::string text;
  text.reserve(768);
  text.append(method).append(paths_[adapter]).append(fixed_headers_);
  if (!session_id.empty()) text.append("Mcp-Session-Id: ").append(session_id).append("\r\n");
  return text;
}

std::string RequestWriter::post(std::size_t adapter, std::string_view session_id, std::string_view body) const {
  std::string text = start("POST ", adapter, session_id);
  text.append("Content-Type: application/json\r\nContent-Length: ").append(std::to_string(body.size()));
  return text.append("\r\n\r\n").append(body);
}

std::string RequestWriter::get(std::size_t adapter, std::string_view session_id) const {
  return start("GET ", adapter, session_id).append("\r\n");
}

std::string call_text(std::string_view tool) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{}","arguments":{{"text":)"
                     R"("A benchmark request body has exactly 137b."}}}}}})",
                     tool);
}

std::string list_text(std::string_view cursor) {
  if (cursor.empty()) return R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}})";
  return fmt::format(R"({{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"cursor":"{}"}}}})", cursor);
}

std::vector<std::string> open_sessions(Poller& poller, const Options& options, const RequestWriter& writer,
                                       std::size_t count, std::size_t connections) {
  return SessionOpener(poller, options, writer, count).run(connections);
}

}  // namespace gw::bench
