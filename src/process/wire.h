// The messages between the gateway and its launcher: a SOCK_SEQPACKET socket pair, one header and optional bytes each,
// with the three standard descriptors attached to a spawn request. Both ends are the same binary.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "process/spawn_request.h"
#include "process/unique_fd.h"

namespace gw::process::wire {

enum class Kind : std::uint32_t {
  // To the launcher, about the process `id`. Unknown ids are ignored: the process may have ended meanwhile.
  spawn,      // Followed by encode(); three descriptors.
  terminate,  // SIGTERM to the process's group.
  kill,       // SIGKILL to everything that descends from it.
  // To the gateway.
  hello,    // A launcher serves from now on; the processes of an earlier one are gone. `id` means nothing.
  started,  // `value` is the process id.
  refused,  // `stage` failed with the error number `value`. The last message about this id.
  exited,   // `value` is the wait status. The last message about this id; its whole tree is gone.
};

// What a start failed at.
enum class Stage : std::uint32_t { fork, request, limits, directory, exec };

struct Header {
  Kind kind{};
  Stage stage{};
  std::uint64_t id = 0;
  std::int64_t value = 0;
};

// A header and at most this many bytes make one message.
inline constexpr std::size_t max_payload = 128 << 10;

using Stdio = std::array<UniqueFd, 3>;

struct Message {
  Header header;
  std::string payload;
  Stdio stdio;  // Of a spawn request.
};

// The parts of a request that the launcher needs. Errc::too_large past max_payload; Errc::invalid for text with a zero
// byte, which no process can be given.
Result<std::string> encode(const SpawnRequest& request);
// Nothing when `payload` is not what encode() makes.
std::optional<SpawnRequest> decode(std::string_view payload);

// The error number, 0 for success. Blocks or not as the socket does.
int send(int socket, const Header& header, std::string_view payload = {}, const Stdio* stdio = nullptr);

enum class Receipt { message, nothing_yet, closed };
Receipt receive(int socket, Message& message);

}  // namespace gw::process::wire
