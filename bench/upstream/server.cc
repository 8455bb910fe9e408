#include "bench/upstream/server.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "bench/common/connection.h"
#include "bench/upstream/answers.h"

namespace gw::bench {
namespace {

constexpr std::size_t kMaxBody = 1 << 20;
constexpr std::size_t kMaxStreamedAtOnce = 16;  // Writes before the other connections have their turn.

constexpr std::string_view kEventHeaders =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: "
    "chunked\r\n\r\n";

std::string json_response(std::string_view body, std::string_view more_headers = {}) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{}", body.size(),
                     more_headers, body);
}

std::string new_session_id() {
  static std::uint64_t count = 0;
  return fmt::format("9c2f41d0-7b3e-4a55-8e10-{:012x}", ++count);
}

double number_argument(std::string_view body, std::string_view name, double otherwise) {
  const auto mark = fmt::format("\"{}\":", name);
  const auto at = body.find(mark);
  if (at == std::string_view::npos) return otherwise;
  const auto digits = body.substr(at + mark.size());
  double value = otherwise;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

const std::string& big_response() {
  static const std::string response = json_response(result_response("1", tool_result(std::string(8 << 20, 'x'))));
  return response;
}

}  // namespace

class ServedConnection final : public Connection {
 public:
  ServedConnection(UpstreamServer& server, Poller& poller, Fd socket, std::size_t number)
      : Connection(poller, std::move(socket), HttpReader::Kind::requests), server_(server), number_(number) {}

  // The next write of a paced stream is due.
  void resume() {
    if (events_.batch().empty() || sending()) return;
    write_events();
    schedule_next();
  }

 private:
  void on_head(const MessageHead& head) override {
    method_ = head.method();
    mute_ = head.path().starts_with("/mute");
    stalling_ = head.path().starts_with("/stalling");
    body_.clear();
  }

  void on_body(std::string_view bytes) override {
    if (body_.size() + bytes.size() > kMaxBody) return close_now();
    body_ += bytes;
  }

  void on_message_end() override {
    static const std::string ordinary = tool_result("The answer of a tool in a benchmark: forty-two.");
    if (mute_) return;
    if (method_ == "GET") return send(kEventHeaders);
    if (method_ != "POST") return send("HTTP/1.1 204 No Content\r\n\r\n");
    if (contains(body_, "\"method\":\"initialize\"")) {
      return answer(kInitializeResult, "Mcp-Session-Id: " + new_session_id() + "\r\n");
    }
    if (contains(body_, "\"method\":\"notifications/"))
      return send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    if (contains(body_, "\"method\":\"tools/list\"")) return answer(server_.tools());
    if (contains(body_, "\"method\":\"ping\"")) return answer("{}");
    if (!contains(body_, "\"method\":\"tools/call\""))
      return send(json_response(unknown_method_response(id_of(body_))));
    if (stalling_) return;
    if (contains(body_, "\"name\":\"stream\"")) return start_stream();
    if (contains(body_, "\"name\":\"big\"")) return start_big();
    answer(ordinary);
  }

  void answer(std::string_view result, std::string_view more_headers = {}) {
    send(json_response(result_response(id_of(body_), result), more_headers));
  }

  void start_big() {
    big_left_ = big_response();
    send_big();
  }

  // In slices: what a slow proxy does not take stays shared by all connections instead of being copied.
  void send_big() {
    while (!big_left_.empty() && !sending()) {
      const auto slice = big_left_.substr(0, 64 * 1024);
      big_left_.remove_prefix(slice.size());
      send(slice);
    }
  }

  void start_stream() {
    const auto bytes = static_cast<std::size_t>(std::clamp(number_argument(body_, "bytes", 1024), 256.0, 1048576.0));
    const auto batch = static_cast<std::size_t>(std::clamp(number_argument(body_, "batch", 1), 1.0, 1024.0));
    const double rate = number_argument(body_, "per_second", 0);
    events_ = EventBatch(bytes, batch);
    interval_ = rate > 0 ? static_cast<Nanos>(kSecond * static_cast<double>(batch) / rate) : 0;
    send(kEventHeaders);
    // Streams that start together must not stay in step: spread them over the interval.
    due_ = now() + static_cast<Nanos>(number_ * 7919 % 1000) * interval_ / 1000;
    schedule_next();
  }

  void schedule_next() {
    if (interval_ == 0) return server_.resume_at(now(), number_);
    // A stream that fell behind a write ago goes on from now: events have no backlog.
    due_ = std::max(due_ + interval_, now() - interval_);
    server_.resume_at(due_, number_);
  }

  void write_events() {
    const std::size_t writes = interval_ == 0 ? kMaxStreamedAtOnce : 1;
    for (std::size_t i = 0; i < writes && !sending() && !closed(); ++i) {
      events_.stamp(now());
      send(events_.batch());
    }
  }

  void on_drained() override {
    send_big();
    if (!events_.batch().empty()) schedule_next();
  }
  void on_lost() override { server_.reap(number_); }
  void close_now() {
    close();
    server_.reap(number_);
  }

  UpstreamServer& server_;
  const std::size_t number_;
  std::string method_;
  bool mute_ = false;
  bool stalling_ = false;
  std::string body_;
  std::string_view big_left_;
  EventBatch events_;
  Nanos interval_ = 0;
  Nanos due_ = 0;
};

class UpstreamServer::Listener final : public PollHandler {
 public:
  Listener(UpstreamServer& server, Fd socket) : server_(server), socket_(std::move(socket)) {
    server_.poller_.add(socket_.get(), *this);
  }
  std::uint16_t port() const { return local_port(socket_); }
  void on_ready(std::uint32_t) override { server_.accept_all(socket_); }

 private:
  UpstreamServer& server_;
  Fd socket_;
};

UpstreamServer::UpstreamServer(std::size_t tools) : tools_(tools_result(tools)) {}
UpstreamServer::~UpstreamServer() = default;

std::uint16_t UpstreamServer::listen(const Address& address) {
  listeners_.push_back(std::make_unique<Listener>(*this, listen_on(address)));
  return listeners_.back()->port();
}

void UpstreamServer::run() {
  for (;;) {
    poller_.wait(schedule_.empty() ? kNever : schedule_.top().at);
    resume_due();
    for (const std::size_t number : std::exchange(lost_, {})) connections_.erase(number);
  }
}

void UpstreamServer::accept_all(const Fd& listener) {
  for (;;) {
    Fd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) return;
    set_no_delay(socket);
    const std::size_t number = next_number_++;
    connections_.emplace(number, std::make_unique<ServedConnection>(*this, poller_, std::move(socket), number));
  }
}

void UpstreamServer::resume_due() {
  const Nanos time = now();
  while (!schedule_.empty() && schedule_.top().at <= time) {
    const std::size_t number = schedule_.top().connection;
    schedule_.pop();
    if (const auto it = connections_.find(number); it != connections_.end() && !it->second->closed())
      it->second->resume();
  }
}

}  // namespace gw::bench
