// What a multiplexer and the child process that it speaks to know of each other.
#pragma once

#include <string>
#include <string_view>

#include "mcp/jsonrpc.h"

namespace gw::stdio {

// The way to the child's standard input.
class ChildPort {
 public:
  // Queues one JSON-RPC message. It may hold line breaks between its tokens.
  virtual void send(std::string message) = 0;
  // Whether so much is queued already that nothing should be added for a client.
  virtual bool congested() const = 0;

 protected:
  ~ChildPort() = default;
};

// What comes back. Called on the loop, never from within send().
class ChildEvents {
 public:
  virtual ~ChildEvents() = default;
  // One message that the child wrote; not a batch.
  virtual void from_child(const mcp::Message& message) = 0;
  // The child has ended or will be ended. `why` is a sentence without full stop, which clients are told as it is.
  // Nothing follows.
  virtual void child_gone(std::string_view why) = 0;
};

}  // namespace gw::stdio
