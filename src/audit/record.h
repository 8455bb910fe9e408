// One line of the audit trail.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/time.h"

namespace gw::audit {

enum class Kind { decision, change };

// Who did what to which thing, and what the answer was. Values may come from clients; they are escaped when written.
// No secrets, no arguments, no tokens.
struct Record {
  Kind kind = Kind::decision;
  std::string user;    // Principal::user; empty when nobody was recognized.
  std::string method;  // identity::Method of it.
  std::string client;  // Numeric address.
  std::string action;  // "tools/call", "initialize", "POST /adapters", "adapter.update", "policy.reload"
  std::string adapter;
  std::string item;     // Tool, prompt, URI, name of a key.
  std::string answer;   // "allowed", "denied", "unauthenticated", "limited", "done", "failed"
  std::string reason;   // The rule, or a sentence; may be empty.
  std::string request;  // Exchange::request_id.
};

}  // namespace gw::audit
