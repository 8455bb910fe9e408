// What servers send before an answer, on its way to whoever waits for the answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mcp/jsonrpc.h"
#include "peer/ask.h"
#include "peer/outbound.h"

namespace gw::peer {

// Index of a level of RFC 5424 as the protocol names it, 0 is "debug"; nothing for other words.
std::optional<int> log_level_index(std::string_view level);
std::string_view log_level_name(int index);

// Gives a notification that came with the call `id` to its events: progress without the token, log messages from the
// level on that `ask` wants. Changes of lists go to Shared::on_change.
Task<Result<>> pass_on(Outbound& outbound, std::string_view adapter, const mcp::Message& notification, std::uint64_t id,
                       const Ask& ask, Events& events);

// The outcome that an answer is. Errc::upstream when it is malformed.
Result<Outcome> to_outcome(const mcp::Message& answer);

// Header lines about the caller that every message of `ask` carries.
std::string caller_fields(const Ask& ask);

// Hears nothing and has no answers.
class NoEvents final : public Events {
 public:
  Task<Result<>> notification(std::string_view method, std::string_view params) override;
  Task<std::expected<std::string, Declined>> request(std::string_view method, std::string_view params) override;
};

}  // namespace gw::peer
