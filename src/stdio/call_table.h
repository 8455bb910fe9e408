// The requests that a child is working on, by the ids that it knows them by.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "streamable/mailbox.h"

namespace gw::stdio {

// A JSON-RPC id or progress token in the one spelling that is compared: 1 and "1" differ, "a" and "\u0061" do not.
std::string canonical_id(std::string_view raw);

struct Call {
  std::uint64_t client = 0;
  std::uint64_t number = 0;    // Grows from call to call.
  std::string id;              // As the client wrote it.
  std::string child_id;        // As the child knows it, canonical.
  std::string progress_token;  // As the client wrote it; empty when it wants no progress.
  std::string child_token;     // The token that the child was given, canonical.
  std::string method;
  bool wants_logs = false;  // Modern: the request named a log level.
  std::uint64_t turn = 0;   // Legacy, shared child: calls of different turns do not overlap.
  std::weak_ptr<streamable::Mailbox> answers;

  // Gives the client its answer, if it is still there, and ends the call there.
  void finish(std::optional<std::string> answer) const;
};

class CallTable {
 public:
  static constexpr std::size_t max_calls = 1024;

  bool full() const { return calls_.size() >= max_calls; }
  bool empty() const { return calls_.empty(); }
  std::size_t size() const { return calls_.size(); }

  // Its child_id is not in use. The call has begun in its mailbox.
  void add(Call call);
  Call* find(std::string_view child_id);
  // Takes a call out; nothing when the child has no such call.
  std::optional<Call> take(std::string_view child_id);

  // Of all that match: the one that began last, or null.
  using Match = std::function<bool(const Call&)>;
  Call* latest(const Match& match);
  std::size_t count(const Match& match) const;

 private:
  std::map<std::string, Call, std::less<>> calls_;
};

}  // namespace gw::stdio
