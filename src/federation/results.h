// Results and errors of servers as a client of either era gets them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mcp/era.h"
#include "peer/ask.h"

namespace gw::federation {

// "complete" where the result says nothing; empty when it is no word.
std::string result_type(std::string_view result);

// Without what only the modern revision has: resultType, ttlMs, cacheScope.
std::string for_legacy(std::string result);
// With resultType, serverInfo in its _meta and, for results that clients may keep (`cacheable`), ttlMs and cacheScope,
// where it lacks them. `server_info` is raw JSON.
std::string for_modern(std::string_view result, std::string_view server_info, bool cacheable);

// The members that complete a result of the gateway's own for a modern client, each with a comma before it; nothing
// for a legacy one. `ttl` in milliseconds; nothing: the result is not one that may be kept.
std::string modern_members(mcp::Era era, std::string_view server_info, std::optional<std::int64_t> ttl);

// What a server refused, in the codes of the client's era. `uri` is the client's address when it read a resource.
peer::Outcome::Failure for_client(peer::Outcome::Failure failure, mcp::Era era, std::string_view uri);

// The result of a tool call that came to nothing: what a model should read.
std::string tool_failure(std::string_view sentence);

// Members of a raw object with other values, and without those whose value is empty. Those that it lacks are added.
// What is left keeps every byte.
struct Member {
  std::string_view name;
  std::string_view raw;
};
std::string with_members(std::string_view object, std::initializer_list<Member> members);

}  // namespace gw::federation
