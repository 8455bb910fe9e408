#include "net/fd_stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/log.h"

namespace gw::net {

FdStream::FdStream(Loop& loop, int fd) : Stream(loop), fd_(fd) {
  if (const auto added = loop.add(fd, *this); !added) {
    log::error("net.watch_failed", {{"error", added.error().message()}});
    FdStream::close();
  }
}

FdStream::~FdStream() {
  FdStream::close();
}

void FdStream::close() {
  if (fd_ < 0) return;
  loop().remove(fd_, *this);
  ::close(std::exchange(fd_, -1));
  wake_all();
}

void FdStream::end_writing() {
  if (fd_ >= 0) ::shutdown(fd_, SHUT_WR);
}

IoResult FdStream::closed() const {
  return {IoResult::State::failed, 0, expired() ? ETIMEDOUT : ECONNRESET};
}

void FdStream::on_ready(Readiness ready) {
  became_ready(ready);
}

IoResult FdStream::read_some(std::span<char> into) {
  if (fd_ < 0) return closed();
  const ssize_t n = ::recv(fd_, into.data(), into.size(), 0);
  if (n > 0) {
    // A short read emptied the socket: the next arrival makes a new edge, and no call is needed to learn that.
    if (static_cast<std::size_t>(n) < into.size() && !hung_up()) readable_ = false;
    return {IoResult::State::ok, static_cast<std::size_t>(n), 0};
  }
  if (n == 0) return {IoResult::State::end, 0, 0};
  if (errno == EAGAIN) {
    readable_ = false;
    return {IoResult::State::would_block, 0, 0};
  }
  return {IoResult::State::failed, 0, errno};
}

IoResult FdStream::write_some(std::span<const iovec> from) {
  if (fd_ < 0) return closed();
  const ssize_t n = from.size() == 1 ? ::write(fd_, from[0].iov_base, from[0].iov_len)
                                     : ::writev(fd_, from.data(), static_cast<int>(from.size()));
  if (n >= 0) return {IoResult::State::ok, static_cast<std::size_t>(n), 0};
  if (errno == EAGAIN) {
    writable_ = false;
    return {IoResult::State::would_block, 0, 0};
  }
  return {IoResult::State::failed, 0, errno};
}

}  // namespace gw::net
