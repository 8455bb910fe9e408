// For tests: a child that records what it is sent, and short ways to speak for either side.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "mcp/jsonrpc.h"
#include "stdio/child_port.h"
#include "streamable/mailbox.h"

namespace gw::stdio {

class FakeChild final : public ChildPort {
 public:
  void send(std::string message) override { sent_.push_back(std::move(message)); }
  bool congested() const override { return is_congested; }

  // What was sent since the last call.
  std::vector<std::string> received() { return std::exchange(sent_, {}); }

  bool is_congested = false;

 private:
  std::vector<std::string> sent_;
};

inline void says(ChildEvents& events, std::string_view text) {
  const auto message = mcp::scan(text);
  ASSERT_TRUE(message.has_value()) << text;
  events.from_child(*message);
}

inline std::shared_ptr<streamable::Mailbox> answers() {
  return std::make_shared<streamable::Mailbox>(streamable::Mailbox::Ends::with_its_calls);
}
inline std::shared_ptr<streamable::Mailbox> stream() {
  return std::make_shared<streamable::Mailbox>(streamable::Mailbox::Ends::when_told);
}

inline std::vector<std::string> all_of(streamable::Mailbox& box) {
  std::vector<std::string> messages;
  while (auto message = box.take()) messages.push_back(*std::move(message));
  return messages;
}

}  // namespace gw::stdio
