#include "process/wire.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace gw::process::wire {
namespace {

SpawnRequest request() {
  SpawnRequest request;
  request.command = "tool";
  request.args = {"", "two words", "\xff"};
  request.environment = {{"PATH", "/bin"}, {"EMPTY", ""}};
  request.cwd = "/tmp";
  request.max_open_files = 64;
  return request;
}

TEST(Wire, WhatIsEncodedIsDecoded) {
  const auto decoded = decode(encode(request()).value());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->command, "tool");
  EXPECT_EQ(decoded->args, request().args);
  EXPECT_EQ(decoded->environment, request().environment);
  EXPECT_EQ(decoded->cwd, "/tmp");
  EXPECT_EQ(decoded->max_open_files, 64u);
}

TEST(Wire, ATruncatedOrExtendedRequestIsNotDecoded) {
  const auto whole = encode(request()).value();
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(decode(whole.substr(0, size))) << size;
  EXPECT_FALSE(decode(whole + "x"));
}

TEST(Wire, ARequestThatNoProcessCouldBeGivenIsRefused) {
  auto with_zero = request();
  with_zero.args = {std::string("a\0b", 3)};
  EXPECT_EQ(encode(with_zero).error().code(), Errc::invalid);
  auto huge = request();
  huge.args = {std::string(max_payload, 'x')};
  EXPECT_EQ(encode(huge).error().code(), Errc::too_large);
}

TEST(Wire, MessagesKeepTheirBoundariesAndTheEndIsSeen) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
  UniqueFd a(pair[0]);
  const UniqueFd b(pair[1]);
  EXPECT_EQ(send(a.get(), {.kind = Kind::kill, .id = 7}), 0);
  EXPECT_EQ(send(a.get(), {.kind = Kind::spawn, .id = 8, .value = -1}, "payload"), 0);
  a.reset();
  Message message;
  ASSERT_EQ(receive(b.get(), message), Receipt::message);
  EXPECT_EQ(message.header.id, 7u);
  EXPECT_EQ(message.payload, "");
  ASSERT_EQ(receive(b.get(), message), Receipt::message);
  EXPECT_EQ(message.header.value, -1);
  EXPECT_EQ(message.payload, "payload");
  EXPECT_EQ(receive(b.get(), message), Receipt::closed);
  EXPECT_NE(send(b.get(), {.kind = Kind::hello}), 0);
}

}  // namespace
}  // namespace gw::process::wire
