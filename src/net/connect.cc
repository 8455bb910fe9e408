#include "net/connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "net/fd_stream.h"
#include "net/tls_stream.h"
#include "runtime/race.h"

namespace gw::net {
namespace {

// A socket whose connection is being made; hands the descriptor on once it is there.
class Connecting final : private Pollable {
 public:
  Connecting(Loop& loop, int fd) : loop_(loop), fd_(fd) {}
  ~Connecting() {
    if (fd_ < 0) return;
    loop_.remove(fd_, *this);
    ::close(fd_);
  }

  Task<Result<int>> finish(SocketAddress address) {
    if (::connect(fd_, address.get(), address.length()) != 0) {
      if (errno != EINPROGRESS) co_return refused(errno);
      GW_CO_TRY_OK(loop_.add(fd_, *this));
      co_await ready_;
      int error = 0;
      socklen_t length = sizeof error;
      ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
      if (error != 0) co_return refused(error);
      loop_.remove(fd_, *this);
    }
    co_return std::exchange(fd_, -1);
  }

 private:
  static std::unexpected<Error> refused(int error) { return fail(Errc::unavailable, "{}", std::strerror(error)); }

  void on_ready(Readiness ready) override {
    if (ready.writable) ready_.set();
  }

  Loop& loop_;
  int fd_;
  Event ready_;
};

Task<Result<int>> connect_to(SocketAddress address) {
  const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return fail(Errc::unavailable, "cannot create a socket: {}", std::strerror(errno));
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Connecting connecting(*Loop::current(), fd);
  co_return co_await connecting.finish(address);
}

// Those that the rules allow; Errc::forbidden when that is none.
Result<std::vector<SocketAddress>> permitted(std::vector<SocketAddress> addresses, const EgressRules* rules) {
  if (rules == nullptr) return addresses;
  Result<> last;
  std::erase_if(addresses, [&](const SocketAddress& address) {
    const auto checked = rules->check(address);
    if (!checked) last = checked;
    return !checked;
  });
  if (addresses.empty() && !last) return std::unexpected(last.error());
  return addresses;
}

// A socket that is connected to one of them.
Task<Result<int>> connect_to_any(std::vector<SocketAddress> addresses, SteadyTime deadline) {
  const SocketAddress last = addresses.back();
  addresses.pop_back();
  for (const SocketAddress& address : addresses) {
    const auto connected = co_await with_timeout((deadline - steady_now()) / 2, connect_to(address));
    if (connected && *connected) co_return **connected;
  }
  co_return co_await connect_to(last);
}

Task<Result<std::unique_ptr<Stream>>> open(std::vector<SocketAddress> addresses, const ConnectOptions& options,
                                           SteadyTime deadline) {
  GW_CHECK(!addresses.empty());
  GW_CO_TRY(addresses, permitted(std::move(addresses), options.egress.get()));
  GW_CO_TRY(const int fd, co_await connect_to_any(std::move(addresses), deadline));
  if (options.tls == nullptr) co_return std::make_unique<FdStream>(*Loop::current(), fd);
  const std::string& name = options.tls_name.empty() ? options.address.host : options.tls_name;
  auto stream = std::make_unique<TlsStream>(*Loop::current(), fd, *options.tls, TlsStream::Role::client, name);
  GW_CO_TRY_OK(co_await stream->handshake());
  co_return stream;
}

Task<Result<std::unique_ptr<Stream>>> resolve_and_open(Resolver& resolver, const ConnectOptions& options,
                                                       SteadyTime deadline) {
  GW_CO_TRY(auto addresses, co_await resolver.resolve(options.address.host, options.address.port));
  co_return co_await open(std::move(addresses), options, deadline);
}

Task<Result<std::unique_ptr<Stream>>> within_timeout(const ConnectOptions& options,
                                                     Task<Result<std::unique_ptr<Stream>>> opening) {
  auto opened = co_await with_timeout(options.timeout, std::move(opening));
  if (opened && *opened) co_return *std::move(*opened);
  const std::string where = "cannot connect to " + to_string(options.address);
  if (opened) co_return std::unexpected(opened->error().within(where));
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(options.timeout).count();
  co_return fail(Errc::timeout, "{}: no answer within {} ms", where, ms);
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect(Resolver& resolver, ConnectOptions options) {
  const SteadyTime deadline = steady_now() + options.timeout;
  co_return co_await within_timeout(options, resolve_and_open(resolver, options, deadline));
}

Task<Result<std::unique_ptr<Stream>>> connect(std::vector<SocketAddress> addresses, ConnectOptions options) {
  const SteadyTime deadline = steady_now() + options.timeout;
  co_return co_await within_timeout(options, open(std::move(addresses), options, deadline));
}

}  // namespace gw::net
