#include "net/tls.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "net/tls_stream.h"
#include "runtime/event.h"
#include "testing/run.h"

namespace gw::net {
namespace {

// A certificate authority and a certificate for localhost, made by the openssl program once per test run.
class Certificates {
 public:
  static const Certificates& get() {
    static const Certificates made;
    return made;
  }
  std::string path(const char* file) const { return (folder_ / file).string(); }

 private:
  Certificates() {
    char name[] = "/tmp/gw-tls-XXXXXX";
    folder_ = ::mkdtemp(name);
    const std::string script =
        "cd " + folder_.string() +
        " && exec >log 2>&1"
        " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj "
        "/CN=ca -days 2"
        " && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out csr.pem -subj "
        "/CN=localhost"
        " && printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > ext"
        " && openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile ext";
    EXPECT_EQ(std::system(script.c_str()), 0);
  }
  ~Certificates() { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

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
