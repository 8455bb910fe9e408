// A raw client for tests of HTTP servers: bytes out, bytes in.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>

#include "net/fd_stream.h"
#include "runtime/race.h"

namespace gw::testing {

// Two connected streams on the current loop.
inline std::pair<std::unique_ptr<net::Stream>, std::unique_ptr<net::Stream>> stream_pair() {
  int fds[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
  return {std::make_unique<net::FdStream>(*Loop::current(), fds[0]),
          std::make_unique<net::FdStream>(*Loop::current(), fds[1])};
}

inline Task<> send(net::Stream& stream, std::string bytes) {
  const std::array<std::string_view, 1> pieces{bytes};
  const auto sent = co_await net::write_all(stream, pieces, std::chrono::seconds(30));
  EXPECT_TRUE(sent.has_value()) << sent.error().message();
}

// Reads until `text` has been seen (it is included in the result), or the stream ends.
inline Task<std::string> receive_until(net::Stream& stream, std::string text) {
  std::string received;
  while (received.find(text) == std::string::npos) {
    char byte[1];
    const net::IoResult result = stream.read_some(byte);
    if (result.state == net::IoResult::State::would_block) {
      co_await stream.readable();
    } else if (result.state == net::IoResult::State::ok) {
      received += byte[0];
    } else {
      break;
    }
  }
  co_return received;
}

inline Task<std::string> receive_all(net::Stream& stream) {
  std::string received;
  std::vector<char> block(64 * 1024);
  while (true) {
    const net::IoResult result = stream.read_some(block);
    if (result.state == net::IoResult::State::would_block) {
      co_await stream.readable();
    } else if (result.state == net::IoResult::State::ok) {
      received.append(block.data(), result.bytes);
    } else {
      co_return received;
    }
  }
}

}  // namespace gw::testing
