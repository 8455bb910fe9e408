#include "process/wire.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace gw::process::wire {
namespace {

void put(std::string& to, std::uint32_t number) {
  to.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put(std::string& to, std::string_view text) {
  put(to, static_cast<std::uint32_t>(text.size()));
  to.append(text);
}

// Takes values from the front of a payload; after a failure it gives empty values.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::uint32_t number() {
    std::uint32_t value = 0;
    const auto raw = take(sizeof value);
    if (ok_) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number())); }
  bool ok() const { return ok_; }
  bool complete() const { return ok_ && bytes_.empty(); }

 private:
  std::string_view take(std::size_t count) {
    ok_ = ok_ && count <= bytes_.size();
    if (!ok_) return {};
    const auto taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

// Room for the control message that carries the descriptors.
union FdSpace {
  cmsghdr align;
  char bytes[CMSG_SPACE(3 * sizeof(int))];
};

void take_descriptors(msghdr& envelope, Stdio& stdio) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&envelope); part != nullptr; part = CMSG_NXTHDR(&envelope, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const auto count = std::min<std::size_t>((part->cmsg_len - CMSG_LEN(0)) / sizeof(int), stdio.size());
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      stdio[i] = UniqueFd(fd);
    }
  }
}

}  // namespace

Result<std::string> encode(const SpawnRequest& request) {
  std::string bytes;
  put(bytes, request.command);
  put(bytes, request.cwd);
  put(bytes, request.max_open_files);
  put(bytes, static_cast<std::uint32_t>(request.args.size()));
  bool has_zero = request.command.contains('\0') || request.cwd.contains('\0');
  for (const auto& arg : request.args) {
    put(bytes, arg);
    has_zero |= arg.contains('\0');
  }
  put(bytes, static_cast<std::uint32_t>(request.environment.size()));
  for (const auto& [name, value] : request.environment) {
    put(bytes, name);
    put(bytes, value);
    has_zero |= name.contains('\0') || value.contains('\0');
  }
  if (has_zero) {
    return fail(Errc::invalid,
                "'{}' cannot be started: its command, arguments or environment contain a zero byte; remove it",
                request.name);
  }
  if (bytes.size() > max_payload) {
    return fail(Errc::too_large, "the arguments and environment of '{}' are {} bytes, and at most {} are possible",
                request.name, bytes.size(), max_payload);
  }
  return bytes;
}

std::optional<SpawnRequest> decode(std::string_view payload) {
  Reader reader(payload);
  SpawnRequest request;
  request.command = reader.text();
  request.cwd = reader.text();
  request.max_open_files = reader.number();
  for (auto left = reader.number(); reader.ok() && left > 0; --left) request.args.push_back(reader.text());
  for (auto left = reader.number(); reader.ok() && left > 0; --left) {
    auto name = reader.text();
    request.environment[std::move(name)] = reader.text();
  }
  return reader.complete() ? std::optional(std::move(request)) : std::nullopt;
}

int send(int socket, const Header& header, std::string_view payload, const Stdio* stdio) {
  iovec parts[] = {{const_cast<Header*>(&header), sizeof header}, {const_cast<char*>(payload.data()), payload.size()}};
  msghdr envelope{};
  envelope.msg_iov = parts;
  envelope.msg_iovlen = 2;
  FdSpace space{};
  if (stdio != nullptr) {
    envelope.msg_control = space.bytes;
    envelope.msg_controllen = sizeof space.bytes;
    cmsghdr* const part = CMSG_FIRSTHDR(&envelope);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(3 * sizeof(int));
    const int fds[] = {(*stdio)[0].get(), (*stdio)[1].get(), (*stdio)[2].get()};
    std::memcpy(CMSG_DATA(part), fds, sizeof fds);
  }
  while (::sendmsg(socket, &envelope, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

Receipt receive(int socket, Message& message) {
  message.payload.resize(max_payload);
  iovec parts[] = {{&message.header, sizeof message.header}, {message.payload.data(), message.payload.size()}};
  FdSpace space{};
  msghdr envelope{};
  envelope.msg_iov = parts;
  envelope.msg_iovlen = 2;
  envelope.msg_control = space.bytes;
  envelope.msg_controllen = sizeof space.bytes;
  ssize_t n = 0;
  do {
    n = ::recvmsg(socket, &envelope, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN) return Receipt::nothing_yet;
  if (n < static_cast<ssize_t>(sizeof message.header)) return Receipt::closed;
  message.payload.resize(static_cast<std::size_t>(n) - sizeof message.header);
  take_descriptors(envelope, message.stdio);
  return Receipt::message;
}

}  // namespace gw::process::wire
