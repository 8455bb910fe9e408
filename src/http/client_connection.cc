#include "http/client_connection.h"

#include "base/strings.h"

namespace gw::http {
namespace {

constexpr std::size_t max_body_block = 16 * 1024;

// RFC 2068 section 19.7.1.1, as Node.js and others send it.
std::optional<Duration> parse_keep_alive(std::string_view value) {
  for (const std::string_view part : split_list(value, ',')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || !iequals(trim(part.substr(0, equals)), "timeout")) continue;
    if (const auto seconds = parse_unsigned(trim(part.substr(equals + 1))); seconds && *seconds < 86'400) {
      return std::chrono::seconds(*seconds);
    }
  }
  return {};
}

}  // namespace

ClientConnection::ClientConnection(std::unique_ptr<net::Stream> stream, ParserLimits limits)
    : stream_(std::move(stream)), parser_(limits), limits_(limits) {}

void ClientConnection::set_deadline(Duration waiting) {
  stream_->deadline = waiting == Duration::max() ? never : stream_->loop().now() + waiting;
}

MaybeTask<Result<>> ClientConnection::send(std::span<const std::string_view> pieces, Duration waiting) {
  answered_ = false;
  return net::write_all(*stream_, pieces, waiting);
}

Result<bool> ClientConnection::take_head(bool head_request) {
  while (!buffer_.empty()) {
    const auto parsed = parser_.parse_head(buffer_.data(), head_, head_request);
    if (!parsed) {
      broken_ = true;
      return fail(Errc::upstream, "the upstream's answer is not valid HTTP/1.1: {}", parsed.error().reason);
    }
    if (*parsed == 0) return false;
    if (head_.status < 100 || head_.status > 599) {
      broken_ = true;
      return fail(Errc::upstream, "the upstream answered with status {}, which does not exist", head_.status);
    }
    if (head_.status >= 200) {
      head_bytes_ = *parsed;
      consumed_ = 0;
      answered_ = true;
      keep_alive_hint_ = parse_keep_alive(head_.fields.get(Name::keep_alive));
      return true;
    }
    if (head_.status == 101) {
      broken_ = true;
      return fail(Errc::upstream, "the upstream switched protocols although nobody asked it to");
    }
    buffer_.consume(*parsed);
  }
  return false;
}

Task<Result<>> ClientConnection::read_head(bool head_request, Duration waiting) {
  if (head_bytes_ > 0) buffer_.consume(std::exchange(head_bytes_, 0) + std::exchange(consumed_, 0));
  set_deadline(waiting);
  while (true) {
    GW_CO_TRY(const bool complete, take_head(head_request));
    if (complete) break;
    buffer_.release_if_empty();
    co_await stream_->readable();
    const net::IoResult result = stream_->read_some(buffer_.prepare(limits_.max_head + 1));
    if (result.state == net::IoResult::State::would_block) continue;
    if (result.state != net::IoResult::State::ok) {
      broken_ = true;
      const Error error = net::io_error(result, "read the answer");
      if (buffer_.empty() || error.code() == Errc::timeout) co_return std::unexpected(error);
      co_return fail(Errc::upstream, "the upstream closed the connection within the head of its answer");
    }
    buffer_.commit(result.bytes);
  }
  stream_->deadline = never;
  co_return Result<>();
}

// Everything of the body that has arrived, as one piece: chunks that came together go on together.
Result<std::optional<std::string_view>> ClientConnection::next_body_piece() {
  std::string_view joined;
  while (!parser_.body_done() && defect_.empty()) {
    const auto piece = parser_.parse_body(buffer_.data().substr(head_bytes_ + consumed_));
    if (!piece) {
      broken_ = true;
      defect_ = piece.error().reason;
      break;
    }
    consumed_ += piece->consumed;
    if (piece->data.empty()) break;
    joined = buffer_.join(joined, piece->data);
  }
  if (joined.empty() && !defect_.empty()) {
    return fail(Errc::upstream, "the upstream's answer is not valid HTTP/1.1: {}", defect_);
  }
  if (!joined.empty() || parser_.body_done()) return joined;
  return std::nullopt;
}

MaybeTask<Result<std::string_view>> ClientConnection::read_body(Duration waiting) {
  auto piece = next_body_piece();
  if (!piece) return Result<std::string_view>(std::unexpected(piece.error()));
  if (*piece) return Result<std::string_view>(**piece);
  return wait_for_body(waiting);
}

bool ClientConnection::body_arrived() const {
  if (parser_.body_done()) return true;
  const std::size_t held = buffer_.data().size() - head_bytes_ - consumed_;
  return head_.framing == Framing::length && held >= head_.content_length;
}

Task<Result<std::string_view>> ClientConnection::wait_for_body(Duration waiting) {
  while (true) {
    if (head_bytes_ > 0) head_.fields.release();  // Their views end here.
    buffer_.consume(std::exchange(head_bytes_, 0) + std::exchange(consumed_, 0));
    buffer_.release_if_empty();
    set_deadline(waiting);
    co_await stream_->readable();
    const net::IoResult result = stream_->read_some(buffer_.prepare(max_body_block));
    stream_->deadline = never;
    if (result.state == net::IoResult::State::would_block) continue;
    if (result.state == net::IoResult::State::end) {
      broken_ = true;
      const auto ended = parser_.end_of_input();
      if (ended) co_return std::string_view();
      co_return fail(Errc::upstream, "the upstream closed the connection within its answer");
    }
    if (result.state != net::IoResult::State::ok) {
      broken_ = true;
      const Error error = net::io_error(result, "the upstream's answer broke off");
      if (error.code() == Errc::timeout) co_return std::unexpected(error);
      co_return fail(Errc::upstream, "{}", error.message());
    }
    buffer_.commit(result.bytes);
    GW_CO_TRY(const auto piece, next_body_piece());
    if (piece) co_return *piece;
  }
}

void ClientConnection::set_idle() {
  buffer_.consume(std::exchange(head_bytes_, 0) + std::exchange(consumed_, 0));
  buffer_.release_if_empty();
}

bool ClientConnection::reusable() const {
  return answered_ && !broken_ && parser_.body_done() && head_.keep_alive && !stream_->hung_up() &&
         buffer_.data().size() == head_bytes_ + consumed_;
}

}  // namespace gw::http
