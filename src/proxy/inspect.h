// What the messages of a POST ask for, as far as access is concerned. Only requests whose rules look at messages come
// here; all others pass unread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/fields.h"
#include "mcp/era.h"
#include "mcp/jsonrpc.h"
#include "policy/policy.h"

namespace gw::proxy {

// A tool, prompt or resource that a message names.
struct Item {
  policy::ItemKind kind = policy::ItemKind::none;
  std::string name;  // Decoded name or URI.
};

// One message. Its views borrow from the body.
struct Call {
  mcp::Message message;
  std::vector<Item> items;  // Empty where the method has none.

  // Whether rules have a say: responses and notifications of clients pass.
  bool is_request() const { return message.kind == mcp::Kind::request; }
  // The tool of tools/call, or empty.
  std::string_view tool() const;
  // Raw JSON of a tool's arguments, "{}" when it is given none; nothing for other methods.
  std::optional<std::string_view> arguments() const;
};

struct Calls {
  std::vector<Call> list;
  bool batch = false;
  mcp::Era era = mcp::Era::legacy;

  // The method of a single message, else empty.
  std::string_view method() const;
};

// Longer batches are refused.
inline constexpr std::size_t max_batch = 256;

// Refused is whatever the server behind might understand in another way than this gateway: what mcp::scan refuses,
// header fields that differ from the message (mcp::check_modern), encodings other than UTF-8, members that differ from
// known ones by case only, as Unicode folds it, and notifications of methods that are none.
std::expected<Calls, mcp::Refusal> inspect(std::string_view body, const http::Fields& fields,
                                           const mcp::ScanLimits& limits);

// What a server says when `item` (null: the method) is not there: the JSON-RPC error response.
std::string unknown_error(const Call& call, const Item* item, mcp::Era era);

}  // namespace gw::proxy
