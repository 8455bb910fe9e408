#include "http/server_connection.h"

#include <array>
#include <charconv>
#include <ctime>

#include <fmt/core.h>

#include "base/check.h"
#include "base/log.h"
#include "http/problem.h"
#include "http/status.h"
#include "http/target.h"
#include "runtime/race.h"

namespace gw::http {
namespace {

// What is read of a body that nobody wants before the connection is closed instead.
constexpr std::uint64_t max_unread_body = 256 * 1024;
// How long and how much is read from a client that still sends after its last answer.
constexpr Duration lingering_time = std::chrono::seconds(1);
constexpr std::uint64_t max_lingering = 32 << 20;
constexpr std::size_t max_body_block = 64 * 1024;
constexpr std::size_t kept_head_capacity = 1024;

// "Date: …\r\n" of this second. RFC 9110 section 5.6.7.
std::string_view date_field(SteadyTime now) {
  thread_local SteadyTime valid_until{};
  thread_local char text[64];
  thread_local std::size_t length = 0;
  if (now >= valid_until) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::time_point(wall_now()));
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    length = std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
    valid_until = now + std::chrono::seconds(1);
  }
  return {text, length};
}

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

// "<size in hexadecimal>\r\n" in `text`.
std::string_view chunk_head(std::size_t size, std::array<char, 20>& text) {
  char* end = std::to_chars(text.data(), text.data() + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {text.data(), static_cast<std::size_t>(end - text.data())};
}

}  // namespace

ServerConnection::ServerConnection(Server& server, std::unique_ptr<net::Stream> stream, Peer peer)
    : server_(server), stream_(std::move(stream)), peer_(std::move(peer)), parser_(server.options_.limits) {}

void ServerConnection::drain() {
  if (idle_) {
    stream_->close();
  } else if (auto hook = std::exchange(drain_hook_, nullptr)) {
    hook();
  }
}

Task<> ServerConnection::run() {
  while (true) {
    idle_ = buffer_.empty();
    const Received received = co_await receive_head();
    if (received == Received::end) co_return;
    server_.counters_.requests.fetch_add(1, std::memory_order_relaxed);
    const bool again = co_await serve_request();
    if (!again) co_return;
  }
}

Task<ServerConnection::Received> ServerConnection::receive_head() {
  const ServerOptions& options = server_.options_;
  stream_->deadline = stream_->loop().now() + (buffer_.empty() ? options.idle_timeout : options.header_timeout);
  while (true) {
    while (buffer_.data().starts_with("\r\n")) buffer_.consume(2);  // RFC 9112 section 2.2.
    if (!buffer_.empty()) {
      const auto parsed = parser_.parse_head(buffer_.data(), head_);
      if (!parsed) {
        co_await refuse(parsed.error());
        co_return Received::end;
      }
      head_bytes_ = *parsed;
      if (head_bytes_ > 0) break;
    } else {
      if (server_.draining()) co_return Received::end;
      buffer_.release_if_empty();
      co_await stream_->readable();
    }
    const auto room = buffer_.prepare(options.limits.max_head + 1);
    const net::IoResult result = stream_->read_some(room);
    if (result.state == net::IoResult::State::would_block) {
      if (buffer_.empty()) continue;
      co_await stream_->readable();
    } else if (result.state == net::IoResult::State::ok) {
      if (std::exchange(idle_, false)) stream_->deadline = stream_->loop().now() + options.header_timeout;
      buffer_.commit(result.bytes);
    } else {
      co_return Received::end;
    }
  }
  idle_ = false;
  stream_->deadline = never;
  consumed_ = 0;
  body_received_ = 0;
  continue_sent_ = false;
  ++served_;
  reset_answer();
  if (!split_target(head_)) {
    co_await refuse({400, "the request target is neither a path nor an absolute http URL"});
    co_return Received::end;
  }
  if (server_.options_.max_body > 0 && head_.framing == Framing::length &&
      head_.content_length > server_.options_.max_body) {
    co_await refuse({413, fmt::format("the request body is larger than {} bytes", server_.options_.max_body)});
    co_return Received::end;
  }
  co_return Received::request;
}

Task<> ServerConnection::refuse(const Rejection& rejection) {
  server_.counters_.malformed.fetch_add(1, std::memory_order_relaxed);
  log::debug("http.refused", {{"peer", peer_.address}, {"status", rejection.status}, {"reason", rejection.reason}});
  reset_answer();
  head_.release();
  keep_alive_ = false;
  stream_->deadline = stream_->loop().now() + server_.options_.header_timeout;
  const std::string_view code = rejection.status == 413 || rejection.status == 431 ? "too_large" : "invalid";
  const std::string body =
      problem_json(rejection.status, code, "The request cannot be read: " + rejection.reason + ".");
  const auto sent = co_await respond(rejection.status, "application/problem+json", body);
  if (sent) co_await linger();
}

// Closing at once with bytes unread would reset the connection and could destroy the answer on its way.
Task<> ServerConnection::linger() {
  stream_->end_writing();
  stream_->deadline = stream_->loop().now() + lingering_time;
  std::uint64_t dropped = 0;
  char block[4096];
  while (dropped < max_lingering) {
    const net::IoResult result = stream_->read_some(block);
    if (result.state == net::IoResult::State::would_block) {
      if (stream_->hung_up()) co_return;
      co_await stream_->readable();
    } else if (result.state == net::IoResult::State::ok) {
      dropped += result.bytes;
    } else {
      co_return;
    }
  }
}

Task<bool> ServerConnection::serve_request() {
  Race<Result<>> race(server_.service_.handle(*this));
  std::optional<Result<>> outcome;
  {
    // Also when this task is cancelled: the stream outlives it, and closing it calls the hook.
    const struct Unhook {
      ServerConnection& self;
      ~Unhook() {
        self.stream_->on_hangup(nullptr);
        self.drain_hook_ = nullptr;
      }
    } unhook{*this};
    if (!stream_->hung_up()) {
      stream_->on_hangup([this, &race] {
        drain_hook_ = nullptr;  // It refers to what the service is about to lose.
        race.call_off();
      });
    }
    outcome = co_await race;
  }
  if (!outcome) co_return false;  // The client has gone.
  if (!*outcome) {
    const Error& error = outcome->error();
    if (error.code() == Errc::cancelled || finished_) co_return false;
    // An answer that breaks off before its first byte must look incomplete, not as if the request had never come.
    const auto sent = started() ? co_await write("", Last::no) : co_await respond_problem(*this, error);
    if (!sent) co_return false;
  }
  GW_CHECK(started(), head_.path);
  if (!finished_) co_return false;
  const bool drained = keep_alive_ ? co_await drain_request_body() : parser_.body_done();
  if (!drained && (!head_.expect_continue || continue_sent_)) co_await linger();
  if (!drained || !keep_alive_) co_return false;
  forget_request_bytes();
  if (out_.capacity() > kept_head_capacity) std::string().swap(out_);
  co_return true;
}

Task<bool> ServerConnection::drain_request_body() {
  if (parser_.body_done()) co_return true;
  if (head_.expect_continue && !continue_sent_) co_return false;  // The client may or may not send it now.
  for (std::uint64_t dropped = 0; dropped < max_unread_body;) {
    const auto piece = co_await read_body();
    if (!piece) co_return false;
    if (piece->empty()) co_return true;
    dropped += piece->size();
  }
  co_return false;
}

std::string_view ServerConnection::unread() const {
  return in_body_buffer_ ? body_buffer_.data().substr(consumed_) : buffer_.data().substr(head_bytes_ + consumed_);
}

// What is behind the request in the buffers belongs to the next one.
void ServerConnection::forget_request_bytes() {
  buffer_.consume(in_body_buffer_ ? buffer_.data().size() : head_bytes_ + consumed_);
  if (std::exchange(in_body_buffer_, false)) {
    body_buffer_.consume(consumed_);
    buffer_.swap(body_buffer_);
    body_buffer_.release_if_empty();
  }
  head_bytes_ = consumed_ = 0;
}

// A piece of the body that has arrived, an empty piece at the end, or nothing when more must be read.
Result<std::optional<std::string_view>> ServerConnection::next_body_piece() {
  if (parser_.body_done()) return std::string_view();
  const auto piece = parser_.parse_body(unread());
  if (!piece) return fail(Errc::invalid, "{}", piece.error().reason);
  consumed_ += piece->consumed;
  body_received_ += piece->data.size();
  if (server_.options_.max_body > 0 && body_received_ > server_.options_.max_body) {
    return fail(Errc::too_large, "the request body is larger than {} bytes", server_.options_.max_body);
  }
  if (!piece->data.empty() || piece->end) return piece->data;
  return std::nullopt;
}

MaybeTask<Result<std::string_view>> ServerConnection::read_body() {
  auto piece = next_body_piece();
  if (!piece) {
    keep_alive_ = false;
    return Result<std::string_view>(std::unexpected(piece.error()));
  }
  if (*piece) return Result<std::string_view>(**piece);
  return wait_for_body();
}

Task<Result<std::string_view>> ServerConnection::wait_for_body() {
  if (head_.expect_continue && !std::exchange(continue_sent_, true)) {
    const std::array<std::string_view, 1> pieces{"HTTP/1.1 100 Continue\r\n\r\n"};
    GW_CO_TRY_OK(co_await net::write_all(*stream_, pieces, server_.options_.body_timeout));
  }
  // The head must stay where its views point, so the rest of the body is read into a buffer of its own.
  if (!std::exchange(in_body_buffer_, true)) {
    body_buffer_.append(buffer_.data().substr(head_bytes_ + consumed_));
    consumed_ = 0;
  }
  while (true) {
    body_buffer_.consume(std::exchange(consumed_, 0));
    body_buffer_.release_if_empty();
    stream_->deadline = stream_->loop().now() + server_.options_.body_timeout;
    co_await stream_->readable();
    const auto room = body_buffer_.prepare(max_body_block);
    if (room.empty()) {
      keep_alive_ = false;
      co_return fail(Errc::too_large, "a chunk's extensions or the trailer are larger than {} bytes", max_body_block);
    }
    const net::IoResult result = stream_->read_some(room);
    stream_->deadline = never;
    if (result.state == net::IoResult::State::would_block) continue;
    if (result.state != net::IoResult::State::ok) {
      keep_alive_ = false;
      co_return std::unexpected(net::io_error(result, "read the request body"));
    }
    body_buffer_.commit(result.bytes);
    auto piece = next_body_piece();
    if (!piece) {
      keep_alive_ = false;
      co_return std::unexpected(piece.error());
    }
    if (*piece) co_return **piece;
  }
}

void ServerConnection::release_request() {
  if (!parser_.body_done()) return;
  head_.release();
  forget_request_bytes();
  buffer_.release_if_empty();
}

void ServerConnection::reset_answer() {
  status_ = 0;
  chunked_ = head_sent_ = finished_ = false;
  keep_alive_ = head_.keep_alive && (server_.options_.max_requests == 0 || served_ < server_.options_.max_requests);
  body_allowed_ = true;
  length_left_.reset();
  out_.clear();
  trailers_.clear();
  request_id.clear();
  caller.reset();
  answer_fields.clear();
}

void ServerConnection::start(int status, std::optional<std::uint64_t> length, std::string_view reason) {
  GW_CHECK(status_ == 0 && status >= 200, status_, status);
  status_ = status;
  if (server_.draining()) keep_alive_ = false;
  if (head_.expect_continue && !continue_sent_ && !parser_.body_done()) keep_alive_ = false;
  body_allowed_ = head_.method != Method::head && status != 204 && status != 304;
  chunked_ = body_allowed_ && !length && head_.minor_version == 1;
  if (body_allowed_ && !length && !chunked_) keep_alive_ = false;
  if (body_allowed_) length_left_ = length;

  out_ += "HTTP/1.1 ";
  append_number(out_, static_cast<std::uint64_t>(status));
  out_ += ' ';
  out_ += reason.empty() ? reason_of(status) : reason;
  out_ += "\r\n";
  out_ += date_field(stream_->loop().now());
  if (!request_id.empty()) field("X-Request-Id", request_id);
  out_ += answer_fields;
  if (chunked_) {
    out_ += "Transfer-Encoding: chunked\r\n";
  } else if (length && status != 204 && status != 304) {
    out_ += "Content-Length: ";
    append_number(out_, *length);
    out_ += "\r\n";
  }
}

void ServerConnection::field(std::string_view name, std::string_view value) {
  GW_CHECK(started() && !head_sent_, status_);
  out_.append(name).append(": ").append(value).append("\r\n");
}

void ServerConnection::finish_head() {
  if (!keep_alive_) {
    out_ += "Connection: close\r\n";
  } else if (head_.minor_version == 0) {
    out_ += "Connection: keep-alive\r\n";
  }
  out_ += "\r\n";
}

MaybeTask<Result<>> ServerConnection::write(std::string_view part, Last last) {
  GW_CHECK(started() && !finished_, status_, finished_);
  std::array<std::string_view, 6> pieces;
  std::size_t count = 0;
  const bool with_head = !std::exchange(head_sent_, true);
  if (with_head) {
    finish_head();
    pieces[count++] = out_;
  }
  if (body_allowed_) {
    if (length_left_) {
      GW_CHECK(part.size() <= *length_left_ && (last == Last::no || part.size() == *length_left_), part.size(),
               *length_left_);
      *length_left_ -= part.size();
    }
    if (chunked_ && !part.empty()) pieces[count++] = chunk_head(part.size(), size_line_);
    pieces[count++] = part;
    if (chunked_ && !part.empty()) pieces[count++] = last == Last::yes && trailers_.empty() ? "\r\n0\r\n\r\n" : "\r\n";
    if (chunked_ && last == Last::yes && part.empty() && trailers_.empty()) pieces[count++] = "0\r\n\r\n";
    if (chunked_ && last == Last::yes && !trailers_.empty()) {
      pieces[count++] = "0\r\n";
      trailers_ += "\r\n";
      pieces[count++] = trailers_;
    }
  }
  finished_ = last == Last::yes;
  auto writing = net::write_all(*stream_, {pieces.data(), count}, server_.options_.body_timeout);
  if (writing.await_ready()) {
    if (with_head && !finished_) std::string().swap(out_);
    return writing;
  }
  return write_slowly(std::move(writing));
}

Task<Result<>> ServerConnection::write_slowly(MaybeTask<Result<>> writing) {
  const auto written = co_await writing;
  if (!finished_) std::string().swap(out_);
  co_return written;
}

}  // namespace gw::http
