// The head of the request that goes to the upstream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/head.h"
#include "http/service.h"
#include "routing/route.h"

namespace gw::proxy {

struct UpstreamHead {
  std::string_view target;       // Path and query at the upstream.
  std::string_view session;      // The upstream's session id; empty: none is sent.
  std::string_view identity;     // "Name: value\r\n" lines that tell the server who asks; may be empty.
  bool trust_forwarded = false;  // The peer is a trusted proxy: what it forwarded is kept and extended.
  bool plain = false;            // The answer is read here: no content codings are asked for.
  std::optional<std::uint64_t> list_length;  // The body is not the client's but a tools/list of ours, this long.
};

// Everything that the client sent, in its order, without what concerns its connection to us (RFC 9110 section 7.6.1),
// its credentials, what it says about its identity (also with underscores, which some servers take for hyphens) and its
// Origin; with the adapter's own fields, forwarding fields and the request id.
std::string build_request_head(const http::Exchange& exchange, const routing::AdapterRoute& route,
                               const routing::Endpoint& endpoint, const UpstreamHead& head);

// Whether a `field` of an answer with `fields` goes on to the client. Fields named in Connection do not, nor challenges
// and cookies, which name a resource that is not ours, nor CORS fields, which the gateway gives for itself.
bool forwards_to_client(const http::Fields& fields, const http::Field& field);

}  // namespace gw::proxy
