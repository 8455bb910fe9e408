#include "net/tls.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/files.h"
#include "net/tls_stream.h"
#include "runtime/event.h"
#include "testing/certificates.h"
#include "testing/run.h"

namespace gw::net {
namespace {

using testing::Certificates;

struct Outcome {
  Result<> client;
  std::string received;
};

Task<> serve(std::unique_ptr<TlsStream> stream, std::string& received) {
  const auto shaken = co_await stream->handshake();
  if (!shaken) co_return;
  char block[64];
  while (true) {
    const IoResult result = stream->read_some(block);
    if (result.state == IoResult::State::would_block) {
      co_await stream->readable();
      continue;
    }
    if (result.state != IoResult::State::ok) co_return;
    received.append(block, result.bytes);
  }
}

Task<Outcome> exchange(Result<std::shared_ptr<const TlsContext>> client, std::string host) {
  Outcome outcome;
  int fds[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
  const auto server = TlsContext::server(Certificates::get().path("cert.pem"), Certificates::get().path("key.pem"));
  EXPECT_TRUE(server.has_value() && client.has_value());
  TaskGroup group;
  Event done;
  group.on_idle([&] { done.set(); });
  group.spawn("server", serve(std::make_unique<TlsStream>(*Loop::current(), fds[0], **server, TlsStream::Role::server),
                              outcome.received));
  auto stream = std::make_unique<TlsStream>(*Loop::current(), fds[1], **client, TlsStream::Role::client, host);
  outcome.client = co_await stream->handshake();
  if (outcome.client) {
    const std::array<std::string_view, 2> pieces{"over ", "TLS"};
    outcome.client = co_await write_all(*stream, pieces, std::chrono::seconds(5));
  }
  stream.reset();
  co_await done;
  co_return outcome;
}

TEST(Tls, CarriesBytesWhenTheCertificateIsTrustedAndNamed) {
  testing::run([]() -> Task<> {
    for (const char* host : {"localhost", "127.0.0.1"}) {
      const Outcome outcome = co_await exchange(TlsContext::client(Certificates::get().path("ca.pem")), host);
      EXPECT_TRUE(outcome.client.has_value()) << outcome.client.error().message();
      EXPECT_EQ(outcome.received, "over TLS");
    }
  });
}

TEST(Tls, RefusesAForeignNameAndAnUnknownAuthority) {
  testing::run([]() -> Task<> {
    const Outcome foreign = co_await exchange(TlsContext::client(Certificates::get().path("ca.pem")), "example.org");
    EXPECT_EQ(foreign.client.error().code(), Errc::upstream);
    EXPECT_NE(foreign.client.error().message().find("hostname mismatch"), std::string::npos)
        << foreign.client.error().message();
    const Outcome unknown = co_await exchange(TlsContext::client(""), "localhost");
    EXPECT_EQ(unknown.client.error().code(), Errc::upstream);
    EXPECT_EQ(unknown.received, "");
  });
}

TEST(Tls, TrustsCertificatesGivenAsText) {
  testing::run([]() -> Task<> {
    const auto pem = read_file(Certificates::get().path("ca.pem"));
    const Outcome outcome = co_await exchange(TlsContext::client_trusting("# ours\n" + *pem), "localhost");
    EXPECT_TRUE(outcome.client.has_value()) << outcome.client.error().message();
    EXPECT_EQ(TlsContext::client_trusting("nonsense").error().code(), Errc::invalid);
  });
}

TEST(Tls, NamesTheFileThatCannotBeUsed) {
  const auto missing = TlsContext::server("/nonexistent/cert.pem", "/nonexistent/key.pem");
  EXPECT_NE(missing.error().message().find("/nonexistent/cert.pem"), std::string::npos);
  const auto no_ca = TlsContext::client("/nonexistent/ca.pem");
  EXPECT_NE(no_ca.error().message().find("/nonexistent/ca.pem"), std::string::npos);
  const auto not_a_key = TlsContext::server(Certificates::get().path("cert.pem"), Certificates::get().path("ext"));
  EXPECT_NE(not_a_key.error().message().find("ext"), std::string::npos);
}

}  // namespace
}  // namespace gw::net
