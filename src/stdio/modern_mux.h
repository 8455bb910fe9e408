// Requests of the modern era on one child process. Each request stands for itself: there are no sessions, and requests
// of different clients are interleaved. Ids and progress tokens become numbers of ours at the child and are restored
// with their JSON type, in subscription ids too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "mcp/jsonrpc.h"
#include "stdio/call_table.h"
#include "stdio/child_port.h"
#include "streamable/mailbox.h"

namespace gw::stdio {

class ModernMux final : public ChildEvents {
 public:
  // `child` must outlive this.
  explicit ModernMux(ChildPort& child) : child_(child) {}

  struct Posted {
    std::uint64_t call = 0;
    std::optional<mcp::Refusal> refusal;
  };
  // A request that has passed mcp::check_modern. Its notifications and its answer are put into `answers`.
  Posted post(const mcp::Message& request, const std::shared_ptr<streamable::Mailbox>& answers);

  // The client has closed the response of a call: that cancels it at the child. Nothing happens when it has ended.
  void abandon(std::uint64_t call);

  std::size_t calls() const { return calls_.size(); }

  void from_child(const mcp::Message& message) override;
  void child_gone(std::string_view why) override;

 private:
  void response_from_child(const mcp::Message& m);
  void notification_from_child(const mcp::Message& m);
  void end_subscription(const mcp::Message& m);

  ChildPort& child_;
  CallTable calls_;
  std::uint64_t last_call_ = 0;
};

}  // namespace gw::stdio
