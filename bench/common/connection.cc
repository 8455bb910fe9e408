#include "bench/common/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace gw::bench {

Connection::Connection(Poller& poller, Fd socket, HttpReader::Kind kind)
    : socket_(std::move(socket)), reader_(kind, *this) {
  poller.add(socket_.get(), *this);
}

void Connection::send(std::string_view bytes) {
  if (closed()) return;
  if (unsent_.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  // An error is reported again by epoll.
  unsent_ += bytes;
}

void Connection::on_ready(std::uint32_t events) {
  if (closed()) return;
  if (events & EPOLLERR) return lose();
  if ((events & EPOLLOUT) && sending()) write_rest();
  const bool ended = events & (EPOLLRDHUP | EPOLLHUP);
  if (!closed() && (ended || (events & EPOLLIN))) read_all(ended);
}

void Connection::write_rest() {
  const ssize_t sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN) lose();
    return;
  }
  unsent_.erase(0, static_cast<std::size_t>(sent));
  if (unsent_.empty()) on_drained();
}

void Connection::read_all(bool ended) {
  static std::array<char, 256 * 1024> buffer;
  while (!closed()) {
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0) {
      if (errno != EAGAIN) lose();
      return;
    }
    if (size == 0) {
      reader_.finish();
      return lose();
    }
    if (!reader_.feed({buffer.data(), static_cast<std::size_t>(size)})) return lose();
    // A short read emptied the socket: save the call that would say so. After the peer's end there will be no other
    // event.
    if (!ended && static_cast<std::size_t>(size) < buffer.size()) return;
  }
}

void Connection::lose() {
  if (closed()) return;
  close();
  on_lost();
}

}  // namespace gw::bench
