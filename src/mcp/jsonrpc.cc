#include "mcp/jsonrpc.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "base/check.h"
#include "base/strings.h"
#include "mcp/json_text.h"

namespace gw::mcp {
namespace {

// A member that we look for in one of the objects of a message.
struct Known {
  std::string_view key;
  std::string_view Message::* value;
};

// Members of the message itself that do not become members of Message as they are.
struct Outer {
  std::string_view version;
  std::string_view method;
};

constexpr Known in_params[] = {
    {"name", &Message::name},
    {"uri", &Message::uri},
    {"taskId", &Message::task_id},
    {"requestId", &Message::request_id},
    {"progressToken", &Message::progress},
    {"level", &Message::level},
    {"arguments", &Message::arguments},
    {"ref", &Message::ref},
    {"notifications", &Message::notifications},
    {"protocolVersion", &Message::requested_version},
    {"capabilities", &Message::session_capabilities},
};
constexpr Known in_request_meta[] = {
    {"progressToken", &Message::progress_token},
    {"io.modelcontextprotocol/protocolVersion", &Message::claimed_version},
    {"io.modelcontextprotocol/clientCapabilities", &Message::client_capabilities},
    {"io.modelcontextprotocol/clientInfo", &Message::client_info},
    {"io.modelcontextprotocol/logLevel", &Message::log_level},
    {"io.modelcontextprotocol/subscriptionId", &Message::subscription_id},
};
constexpr Known in_result[] = {
    {"protocolVersion", &Message::negotiated_version},
    {"capabilities", &Message::server_capabilities},
    {"supportedVersions", &Message::supported_versions},
    {"resultType", &Message::result_type},
    {"ttlMs", &Message::ttl},
    {"cacheScope", &Message::cache_scope},
};
constexpr Known in_result_meta[] = {{"io.modelcontextprotocol/subscriptionId", &Message::subscription_id}};
constexpr Known in_error[] = {{"code", &Message::error_code}};

bool is_id(std::string_view raw) {
  return is_json_string(raw) || is_json_integer(raw);
}

class MessageScanner {
 public:
  // Fills `message`, which is of no use after a refusal.
  MessageScanner(std::string_view text, const ScanLimits& limits, Message& message)
      : json_(text, limits.max_depth), message_(message) {}

  std::optional<Refusal> run() {
    json_.peek();  // Passes leading blanks.
    const std::size_t start = json_.position();
    switch (json_.peek()) {
      case '[': scan_batch(); break;
      case '{': scan_object(); break;
      default: scan_value();
    }
    const std::size_t end = json_.position();
    if (!json_.finish()) return refuse_json();
    if (!duplicate_.empty()) return refuse(fmt::format("the member {} occurs more than once", duplicate_));
    message_.text = json_.text().substr(start, end - start);
    if (const char* problem = understand()) return refuse(problem);
    return {};
  }

 private:
  // Each scan_… passes one value. After a failure of json_ they return at once and the message is worthless.
  void scan_batch() {
    message_.kind = Kind::batch;
    json_.enter_array();
    std::string_view element;
    while (json_.next_element()) {
      if (json_.take(element)) message_.elements.push_back(element);
    }
  }

  void scan_object() {
    std::string_view key;
    json_.enter_object();
    while (json_.next_member(key)) {
      const std::string_view name = name_of(key);
      if (name == "params") {
        message_.params = once(message_.params, key, scan_members(in_params, in_request_meta));
      } else if (name == "result") {
        message_.result = once(message_.result, key, scan_members(in_result, in_result_meta));
      } else if (name == "error") {
        message_.error = once(message_.error, key, scan_members(in_error, {}));
      } else if (name == "id") {
        message_.id = once(message_.id, key, scan_value());
      } else if (name == "method") {
        outer_.method = once(outer_.method, key, scan_value());
      } else if (name == "jsonrpc") {
        outer_.version = once(outer_.version, key, scan_value());
      } else {
        scan_value();
      }
    }
  }

  std::string_view scan_value() {
    std::string_view raw;
    json_.take(raw);
    return raw;
  }

  // Passes a value; where it is an object, its members in `known` are noted, and those of its _meta in `known_meta`.
  std::string_view scan_members(std::span<const Known> known, std::span<const Known> known_meta) {
    if (json_.peek() != '{') return scan_value();
    const std::size_t start = json_.position();
    std::string_view key;
    json_.enter_object();
    while (json_.next_member(key)) {
      const std::string_view name = name_of(key);
      if (name == "_meta" && !known_meta.empty()) {
        message_.meta = once(message_.meta, key, scan_members(known_meta, {}));
        continue;
      }
      const auto match = std::find_if(known.begin(), known.end(), [&](const Known& k) { return k.key == name; });
      const auto value = scan_value();
      if (match != known.end()) message_.*match->value = once(message_.*match->value, key, value);
    }
    return json_.text().substr(start, json_.position() - start);
  }

  std::string_view once(std::string_view earlier, std::string_view key, std::string_view value) {
    if (!earlier.empty()) duplicate_ = key;
    return value;
  }

  // The decoded member name; valid until the next call.
  std::string_view name_of(std::string_view key) {
    if (!json_.passed_escape()) return key.substr(1, key.size() - 2);
    decoded_ = json_unquote(key);
    return decoded_;
  }

  // Decides the kind; a sentence when the members make no message.
  const char* understand() {
    Message& m = message_;
    if (m.kind == Kind::batch) return m.elements.empty() ? "the batch is empty" : nullptr;
    if (outer_.version != "\"2.0\"") return "the member \"jsonrpc\" is not \"2.0\"";
    if (!m.params.empty() && !is_json_object(m.params)) return "the member \"params\" is not an object";
    if (!m.progress_token.empty() && !is_id(m.progress_token)) return "a progress token is neither string nor integer";
    if (!m.progress.empty() && !is_id(m.progress)) return "a progress token is neither string nor integer";
    if (outer_.method.empty()) return understand_response();
    if (!is_json_string(outer_.method)) return "the member \"method\" is not a string";
    if (!m.result.empty() || !m.error.empty()) return "a message with \"method\" has no \"result\" and no \"error\"";
    if (!m.id.empty() && !is_id(m.id)) return "the member \"id\" is neither a string nor an integer";
    m.method = json_unquote(outer_.method);
    m.kind = m.id.empty() ? Kind::notification : Kind::request;
    return nullptr;
  }

  const char* understand_response() {
    Message& m = message_;
    if (m.result.empty() == m.error.empty())
      return "the message has neither \"method\" nor one of \"result\" and \"error\"";
    m.kind = m.error.empty() ? Kind::response : Kind::error_response;
    const bool nameless_error = m.kind == Kind::error_response && (m.id.empty() || m.id == "null");
    if (!nameless_error && !is_id(m.id)) return "the member \"id\" is neither a string nor an integer";
    if (m.kind == Kind::error_response && !is_json_object(m.error)) return "the member \"error\" is not an object";
    return nullptr;
  }

  Refusal refuse(std::string why) const {
    // The id of a posted response is not one of the peer's own requests: only requests are answered by name.
    const bool named = !outer_.method.empty() && is_id(message_.id) && duplicate_ != "\"id\"";
    return {400, code::invalid_request, "Invalid request: " + why + ".", named ? std::string(message_.id) : "", {}};
  }

  Refusal refuse_json() const {
    const int which = json_.too_deep() ? code::invalid_request : code::parse_error;
    return {400, which, "The message is not acceptable JSON: " + json_.problem() + ".", {}, {}};
  }

  JsonScanner json_;
  Message& message_;
  Outer outer_;
  std::string_view duplicate_;  // The key of a member that occurred again.
  std::string decoded_;
};

}  // namespace

std::expected<Message, Refusal> scan(std::string_view text, const ScanLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return std::unexpected(Refusal{
        413, code::invalid_request, fmt::format("The message is larger than {} bytes.", limits.max_bytes), {}, {}});
  }
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    return std::unexpected(
        Refusal{400, code::parse_error, "The message is not acceptable JSON: it is not UTF-8.", {}, {}});
  }
  std::expected<Message, Refusal> message;
  if (auto refusal = MessageScanner(text, limits, *message).run()) message = std::unexpected(*std::move(refusal));
  return message;
}

std::string Refusal::body() const {
  return error_response(id, code, message, data);
}

namespace {

std::string splice_into(std::string_view text, std::span<Edit> edits) {
  std::ranges::sort(edits, {}, [](const Edit& e) { return e.span.data(); });
  std::string out;
  out.reserve(text.size() + 64);
  const char* at = text.data();
  for (const Edit& edit : edits) {
    GW_CHECK(edit.span.data() >= at && edit.span.data() + edit.span.size() <= text.data() + text.size());
    out.append(at, edit.span.data()).append(edit.replacement);
    at = edit.span.data() + edit.span.size();
  }
  out.append(at, text.data() + text.size());
  return out;
}

}  // namespace

std::string splice(std::string_view text, std::initializer_list<Edit> edits) {
  std::array<Edit, 8> few;
  GW_CHECK(edits.size() <= few.size(), edits.size());
  const auto end = std::copy_if(edits.begin(), edits.end(), few.begin(), [](const Edit& e) { return !e.span.empty(); });
  return splice_into(text, {few.begin(), end});
}

std::string splice(std::string_view text, std::vector<Edit> edits) {
  std::erase_if(edits, [](const Edit& e) { return e.span.empty(); });
  return splice_into(text, edits);
}

std::string error_response(std::string_view id, int code, std::string_view message, std::string_view data) {
  const std::string tail = data.empty() ? std::string() : fmt::format(",\"data\":{}", data);
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{{"code":{},"message":{}{}}}}})", id.empty() ? "null" : id,
                     code, json_quote(message), tail);
}

std::string result_response(std::string_view id, std::string_view result) {
  constexpr std::string_view start = R"({"jsonrpc":"2.0","id":)";
  std::string text;
  text.reserve(start.size() + id.size() + result.size() + 16);
  text.append(start).append(id).append(",\"result\":").append(result).append("}");
  return text;
}

}  // namespace gw::mcp
