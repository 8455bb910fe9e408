// One request to a modern server.
#pragma once

#include "peer/legacy_exchange.h"

namespace gw::peer {

// Destroying the task closes the stream of the answer, which is how a modern server learns that nobody waits. Refusals
// by the server are outcomes; Trouble::status tells of an answer that is none of the protocol.
Task<Attempt> modern_exchange(Outbound& outbound, const routing::AdapterRoute& route, std::string_view version,
                              const Ask& ask, Events& events);

// The same up to the head of the answer, for who reads the messages himself. `id` is that of the request.
Task<std::expected<Messages, Trouble>> begin_modern(Outbound& outbound, const routing::AdapterRoute& route,
                                                    std::string_view version, const Ask& ask, std::uint64_t id,
                                                    Duration waiting);

// Codes that only a server of the modern revision uses.
bool is_modern_refusal(int code);

}  // namespace gw::peer
