#include "net/inproc.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/fd_stream.h"

namespace gw::net {
namespace {

// Owns a descriptor on its way to another thread.
struct FdInFlight {
  explicit FdInFlight(int descriptor) : fd(descriptor) {}
  ~FdInFlight() {
    if (fd >= 0) ::close(fd);
  }
  int fd;
};

}  // namespace

InprocListener::InprocListener(Loop& loop, OnAccept on_accept)
    : loop_(loop), on_accept_(std::make_shared<OnAccept>(std::move(on_accept))) {}

Result<std::unique_ptr<Stream>> InprocListener::connect() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
    return fail(Errc::unavailable, "cannot create a socket pair: {}", std::strerror(errno));
  }
  loop_.post([&loop = loop_, on_accept = on_accept_, far = std::make_shared<FdInFlight>(pair[1])] {
    if (*on_accept) (*on_accept)(std::make_unique<FdStream>(loop, std::exchange(far->fd, -1)));
  });
  return std::make_unique<FdStream>(*Loop::current(), pair[0]);
}

}  // namespace gw::net
