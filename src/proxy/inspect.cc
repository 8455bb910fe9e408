#include "proxy/inspect.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/core.h>

#include "base/strings.h"
#include "mcp/json_text.h"

namespace gw::proxy {
namespace {

using http::Name;
using mcp::Message;
using mcp::Refusal;
using policy::ItemKind;

constexpr int unsupported_media_type = 415;
constexpr int legacy_resource_not_found = -32002;

Refusal refuse(const Message& message, int code, std::string sentence, int status = 400) {
  return {status, code, std::move(sentence), std::string(message.id), {}};
}

// "utf-8" in `application/json; charset="utf-8"`; nothing without a charset.
std::optional<std::string> charset_of(std::string_view content_type) {
  const std::string lower = to_lower(content_type);
  const auto at = lower.find("charset");
  if (at == std::string::npos) return {};
  std::string value(trim(std::string_view(lower).substr(at + std::string_view("charset").size())));
  std::erase_if(value, [](char c) { return c == '=' || c == '"' || c == ' ' || c == ';'; });
  return value;
}

// Whoever reads the body in another encoding, or another one of two equal header fields, reads another message.
std::optional<Refusal> check_fields(const http::Fields& fields) {
  const auto charset = charset_of(fields.get(Name::content_type));
  const std::string_view coding = fields.get("Content-Encoding");
  if ((charset && *charset != "utf-8" && *charset != "utf8") || (!coding.empty() && !iequals(coding, "identity"))) {
    return refuse({}, mcp::code::invalid_request, "The body must be plain JSON in UTF-8.", unsupported_media_type);
  }
  for (const Name name : {Name::content_type, Name::mcp_protocol_version, Name::mcp_method, Name::mcp_name}) {
    if (fields.count(name) > 1) {
      return refuse({}, mcp::code::header_mismatch, "A header that describes the message is there more than once.");
    }
  }
  return {};
}

mcp::MirrorHeaders mirror_headers(const http::Fields& fields) {
  const auto value = [&](Name name) -> std::optional<std::string_view> {
    if (!fields.has(name)) return {};
    return fields.get(name);
  };
  return {.protocol_version = value(Name::mcp_protocol_version),
          .method = value(Name::mcp_method),
          .name = value(Name::mcp_name)};
}

constexpr std::array<std::string_view, 5> message_members = {"jsonrpc", "id", "method", "params", "result"};
constexpr std::array<std::string_view, 6> params_members = {"name", "uri",           "arguments",
                                                            "ref",  "notifications", "_meta"};

// Go's encoding/json takes letters for each other that Unicode folds, and two of those are no ASCII: U+017F is an s,
// U+212A a k.
std::string folded(std::string_view name) {
  std::string text = to_lower(name);
  for (const auto& [letter, plain] : {std::pair{"\u017f", "s"}, std::pair{"\u212a", "k"}}) {
    for (auto at = text.find(letter); at != std::string::npos; at = text.find(letter, at)) {
      text.replace(at, std::string_view(letter).size(), plain);
    }
  }
  return text;
}

// Whether some reader may take a member that is called `name` for `known`, though it is not called so.
bool is_misspelt(std::string_view name, std::string_view known) {
  return name != known && folded(name) == folded(known);
}

// A member of `object` that is called like one of `names` but for the case of its letters. Empty: there is none.
std::string misspelt_member(std::string_view object, std::span<const std::string_view> names) {
  mcp::JsonScanner json(object, mcp::ScanLimits().max_depth);
  std::string_view key, value;
  for (json.enter_object(); json.next_member(key) && json.take(value);) {
    const std::string name = mcp::json_unquote(key);
    if (std::ranges::any_of(names, [&](std::string_view known) { return is_misspelt(name, known); })) return name;
  }
  return {};
}

// The strings of the array `name` in `object`; nothing when it is no array of strings, or when a reader may take
// another member for it.
std::optional<std::vector<std::string>> string_list(std::string_view object, std::string_view name) {
  std::vector<std::string> list;
  bool seen = false;
  mcp::JsonScanner json(object, mcp::ScanLimits().max_depth);
  std::string_view key, value;
  for (json.enter_object(); json.next_member(key);) {
    const std::string decoded = mcp::json_unquote(key);
    if (is_misspelt(decoded, name)) return {};
    if (decoded != name) {
      json.take(value);
      continue;
    }
    if (std::exchange(seen, true) || json.peek() != '[') return {};
    for (json.enter_array(); json.next_element();) {
      if (!json.take(value) || !mcp::is_json_string(value)) return {};
      list.push_back(mcp::json_unquote(value));
    }
  }
  return list;
}

// The only string member `name` of `object`.
std::optional<std::string> string_member(std::string_view object, std::string_view name) {
  std::optional<std::string> found;
  mcp::JsonScanner json(object, mcp::ScanLimits().max_depth);
  std::string_view key, value;
  for (json.enter_object(); json.next_member(key) && json.take(value);) {
    const std::string decoded = mcp::json_unquote(key);
    if (is_misspelt(decoded, name)) return {};
    if (decoded != name) continue;
    if (found || !mcp::is_json_string(value)) return {};
    found = mcp::json_unquote(value);
  }
  return found;
}

std::optional<std::vector<Item>> one_item(ItemKind kind, std::string_view raw) {
  if (!mcp::is_json_string(raw)) return {};
  return std::vector<Item>{{kind, mcp::json_unquote(raw)}};
}

std::optional<std::vector<Item>> completion_items(std::string_view ref) {
  if (!mcp::is_json_object(ref)) return {};
  const auto type = string_member(ref, "type");
  const bool prompt = type == "ref/prompt";
  if (!prompt && type != "ref/resource") return {};
  auto name = string_member(ref, prompt ? "name" : "uri");
  if (!name) return {};
  return std::vector<Item>{{prompt ? ItemKind::prompt : ItemKind::resource, *std::move(name)}};
}

std::optional<std::vector<Item>> subscribed_items(std::string_view notifications) {
  if (!mcp::is_json_object(notifications)) return std::vector<Item>();
  auto uris = string_list(notifications, "resourceSubscriptions");
  if (!uris) return {};
  std::vector<Item> items;
  for (std::string& uri : *uris) items.push_back({ItemKind::resource, std::move(uri)});
  return items;
}

// Nothing when the message must name something and does not.
std::optional<std::vector<Item>> items_of(const Message& m) {
  if (m.method == "tools/call") return one_item(ItemKind::tool, m.name);
  if (m.method == "prompts/get") return one_item(ItemKind::prompt, m.name);
  if (m.method == "resources/read" || m.method == "resources/subscribe") return one_item(ItemKind::resource, m.uri);
  if (m.method == "completion/complete") return completion_items(m.ref);
  if (m.method == "subscriptions/listen") return subscribed_items(m.notifications);
  return std::vector<Item>();
}

std::expected<Call, Refusal> understand(Message message) {
  std::string misspelt = misspelt_member(message.text, message_members);
  if (misspelt.empty() && !message.params.empty()) misspelt = misspelt_member(message.params, params_members);
  if (!misspelt.empty()) {
    return std::unexpected(refuse(message, mcp::code::invalid_request,
                                  fmt::format("Invalid request: the member {} is written with other letters than MCP "
                                              "does.",
                                              json_quote(printable(misspelt, 40)))));
  }
  if (message.kind == mcp::Kind::notification && !message.method.starts_with("notifications/")) {
    return std::unexpected(refuse(message, mcp::code::invalid_request, "Invalid request: a request needs an id."));
  }
  Call call{.message = std::move(message), .items = {}};
  if (!call.is_request()) return call;
  auto items = items_of(call.message);
  if (!items) {
    return std::unexpected(refuse(call.message, mcp::code::invalid_params,
                                  fmt::format("Invalid params: {} does not say what it is about.", call.message.method),
                                  200));
  }
  call.items = *std::move(items);
  return call;
}

}  // namespace

std::string_view Call::tool() const {
  return message.method == "tools/call" && !items.empty() ? std::string_view(items[0].name) : std::string_view();
}

std::optional<std::string_view> Call::arguments() const {
  if (message.method != "tools/call") return {};
  return message.arguments.empty() ? std::string_view("{}") : message.arguments;
}

std::string_view Calls::method() const {
  return batch || list.empty() ? std::string_view() : std::string_view(list[0].message.method);
}

std::expected<Calls, Refusal> inspect(std::string_view body, const http::Fields& fields,
                                      const mcp::ScanLimits& limits) {
  if (auto refusal = check_fields(fields)) return std::unexpected(*std::move(refusal));
  auto whole = mcp::scan(body, limits);
  if (!whole) return std::unexpected(std::move(whole).error());
  if (whole->elements.size() > max_batch) {
    return std::unexpected(refuse({}, mcp::code::invalid_request,
                                  fmt::format("Invalid request: a batch may hold {} messages.", max_batch)));
  }
  const mcp::MirrorHeaders headers = mirror_headers(fields);
  const auto era = mcp::classify(*whole, headers);
  if (!era) return std::unexpected(era.error());
  if (*era == mcp::Era::modern) {
    if (auto refusal = mcp::check_modern(*whole, headers)) return std::unexpected(*std::move(refusal));
  }

  Calls calls{.list = {}, .batch = whole->kind == mcp::Kind::batch, .era = *era};
  if (!calls.batch) {
    auto call = understand(*std::move(whole));
    if (!call) return std::unexpected(std::move(call).error());
    calls.list.push_back(*std::move(call));
    return calls;
  }
  for (const std::string_view element : whole->elements) {
    auto message = mcp::scan(element, limits);
    if (!message) return std::unexpected(std::move(message).error());
    auto call = understand(*std::move(message));
    if (!call) return std::unexpected(std::move(call).error());
    calls.list.push_back(*std::move(call));
  }
  return calls;
}

std::string unknown_error(const Call& call, const Item* item, mcp::Era era) {
  const std::string_view id = call.message.id;
  if (item == nullptr) return mcp::error_response(id, mcp::code::method_not_found, "Method not found");
  if (item->kind == ItemKind::resource) {
    const bool modern = era == mcp::Era::modern;
    return mcp::error_response(id, modern ? mcp::code::invalid_params : legacy_resource_not_found, "Resource not found",
                               fmt::format(R"({{"uri":{}}})", json_quote(item->name)));
  }
  return mcp::error_response(
      id, mcp::code::invalid_params,
      fmt::format("Unknown {}: {}", item->kind == ItemKind::tool ? "tool" : "prompt", item->name));
}

}  // namespace gw::proxy
