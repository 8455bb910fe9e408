// One request of a client that a server answers, from the moment when it may be sent.
#pragma once

#include <memory>
#include <string>

#include "federation/target.h"
#include "federation/worker.h"
#include "streamable/mailbox.h"

namespace gw::federation {

// Self-contained: it may outlive the HTTP request that it came with.
struct Call {
  CallerPtr caller;
  Target target;
  std::string id;              // Raw, as the client wrote it.
  std::string progress_token;  // Raw; empty when no progress is wanted.
  peer::Ask ask;
  limits::Permit permit;
};
using CallPtr = std::unique_ptr<Call>;

// The client's answer: a JSON-RPC message, and the status that it has when it is no event.
struct Reply {
  std::string text;
  int status = 200;
};
Reply result_reply(std::string_view id, std::string_view result);
Reply error_reply(std::string_view id, const peer::Outcome::Failure& failure, mcp::Era era);

// Asks the server. What comes before the answer goes to `box`, as long as somebody holds it. A legacy client that must
// be asked something, because the server is a modern one that wants input, is asked there, too.
Task<Reply> run_call(Worker& worker, const Call& call, std::weak_ptr<streamable::Mailbox> box);

}  // namespace gw::federation
