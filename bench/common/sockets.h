// Descriptors and TCP sockets on IPv4. Functions throw std::system_error or std::invalid_argument.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace gw::bench {

// Owns a descriptor; -1 is none.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset() {
    if (const int fd = std::exchange(fd_, -1); fd >= 0) ::close(fd);
  }

 private:
  int fd_ = -1;
};

// Returns `result`; throws with errno and `what` when it is negative.
int check_call(int result, const char* what);

struct Address {
  std::string host;  // Dotted.
  std::uint16_t port = 0;
};
// Reads "127.0.0.1:8000".
Address parse_address(const std::string& text);

// A non-blocking listening socket. Port 0 takes a free one: see local_port().
Fd listen_on(const Address& address);
std::uint16_t local_port(const Fd& socket);

// Starts to connect without blocking. One source address has about 28,000 ports per destination, so `index`, the number
// of the connection within this run, chooses among 127.0.0.x when the destination is on the loopback.
// `receive_buffer` in bytes fixes the kernel's buffer; 0 leaves it to grow.
Fd connect_to(const Address& address, std::size_t index, int receive_buffer = 0);

void set_no_delay(const Fd& socket);

// Raises the limit of descriptors as far as this user may, at most to `wanted`. Returns the limit.
std::size_t raise_descriptor_limit(std::size_t wanted);

}  // namespace gw::bench
