// One connection to an upstream: requests one after the other, answers as streams.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/buffer.h"
#include "http/parser.h"
#include "net/stream.h"
#include "runtime/task.h"

namespace gw::http {

// Belongs to one loop. Per request: send() once or more, then read_head(), then read_body() until it is empty; then
// reusable() says whether another request may follow. Destroying it closes the connection, which is how an exchange is
// called off.
class ClientConnection {
 public:
  ClientConnection(std::unique_ptr<net::Stream> stream, ParserLimits limits);

  // Bytes of the request: the caller writes heads and bodies. `waiting` bounds each wait for the peer to take some.
  MaybeTask<Result<>> send(std::span<const std::string_view> pieces, Duration waiting);

  // The head of the answer; interim answers (1xx) are skipped. Its views stay valid until the first read_body() that
  // waits, or release(). Errc::timeout after `waiting`; Errc::cancelled when the connection ended before a byte of an
  // answer; Errc::upstream when what came is not HTTP, with the reason.
  Task<Result<>> read_head(bool head_request, Duration waiting);
  const ResponseHead& head() const { return head_; }

  // The next part of the body; empty at the end. Valid until the next call. `waiting` bounds the wait for it; never
  // waits without an end when it is Duration::max(). Errc::upstream when the peer cut the body short.
  MaybeTask<Result<std::string_view>> read_body(Duration waiting);
  // Whether the whole body came with the head: the first read_body() gives it and the exchange is done.
  bool body_arrived() const;
  bool body_done() const { return parser_.body_done(); }
  const std::string& trailers() const { return parser_.trailers(); }

  // For a request that could not be sent completely: whatever is answered, no other may follow.
  void never_reuse() { broken_ = true; }
  // Whether the exchange is complete and the connection may carry another one.
  bool reusable() const;
  // Gives all memory of the finished exchange back. Only when reusable().
  void set_idle();
  // How long the peer said that it keeps an idle connection open ("Keep-Alive: timeout=5"); nothing when it did not.
  std::optional<Duration> keep_alive_hint() const { return keep_alive_hint_; }

  net::Stream& stream() { return *stream_; }

 private:
  Result<std::optional<std::string_view>> next_body_piece();
  Task<Result<std::string_view>> wait_for_body(Duration waiting);
  Result<bool> take_head(bool head_request);
  void set_deadline(Duration waiting);

  std::unique_ptr<net::Stream> stream_;
  Buffer buffer_;
  MessageParser parser_;
  ResponseHead head_;
  ParserLimits limits_;
  std::size_t head_bytes_ = 0;
  std::size_t consumed_ = 0;
  bool answered_ = false;  // The head of the present exchange was read.
  bool broken_ = false;
  std::string defect_;  // What is wrong with the body from here on.
  std::optional<Duration> keep_alive_hint_;
};

}  // namespace gw::http
