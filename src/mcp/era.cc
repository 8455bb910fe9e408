#include "mcp/era.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/base64.h"
#include "mcp/json_text.h"

namespace gw::mcp {
namespace {

bool is_date(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00";
  return text.size() == shape.size() && std::equal(text.begin(), text.end(), shape.begin(), [](char c, char s) {
           return s == '0' ? c >= '0' && c <= '9' : c == s;
         });
}

Refusal refuse(const Message& message, int code, std::string sentence, std::string data = {}) {
  return {400, code, std::move(sentence), std::string(message.id), std::move(data)};
}

// The envelope that every modern request carries in params._meta.
bool has_valid_envelope(const Message& m) {
  return is_json_string(m.claimed_version) && is_json_object(m.client_capabilities) &&
         (m.client_info.empty() || is_json_object(m.client_info));
}

bool claims_modern(const Message& m) {
  return !m.claimed_version.empty();
}

bool header_names_modern(const MirrorHeaders& headers) {
  return headers.protocol_version && names_modern_version(*headers.protocol_version);
}

// A batch is a legacy construct: no element may claim the modern era.
std::expected<Era, Refusal> classify_batch(const Message& batch) {
  for (const auto element : batch.elements) {
    const auto message = scan(element);
    if (!message) return std::unexpected(message.error());
    if (message->kind == Kind::batch || claims_modern(*message)) {
      return std::unexpected(
          Refusal{400,
                  code::invalid_request,
                  "Invalid request: a batch may hold only single messages of a revision before 2026-07-28.",
                  {},
                  {}});
    }
  }
  return Era::legacy;
}

std::optional<Refusal> check_agreement(const Message& m, const MirrorHeaders& headers, std::string_view version) {
  if (headers.protocol_version && *headers.protocol_version != version) {
    return refuse(m, code::header_mismatch,
                  "The header MCP-Protocol-Version differs from the revision in params._meta.");
  }
  if (headers.method && *headers.method != m.method) {
    return refuse(m, code::header_mismatch, "The header Mcp-Method differs from the method in the body.");
  }
  return {};
}

std::optional<Refusal> check_required_headers(const Message& m, const MirrorHeaders& headers) {
  if (!headers.protocol_version) return refuse(m, code::header_mismatch, "The header MCP-Protocol-Version is missing.");
  if (!headers.method) return refuse(m, code::header_mismatch, "The header Mcp-Method is missing.");
  const auto name = mirrored_name(m);
  if (!name || (name->empty() && !headers.name)) return {};
  if (!headers.name) {
    return refuse(m, code::header_mismatch, fmt::format("The header Mcp-Name, required for {}, is missing.", m.method));
  }
  const auto decoded = decode_header_value(*headers.name);
  if (!decoded) return refuse(m, code::header_mismatch, "The header Mcp-Name holds malformed base64.");
  if (!is_json_string(*name) || *decoded != json_unquote(*name)) {
    return refuse(m, code::header_mismatch, "The header Mcp-Name differs from the name in the body.");
  }
  return {};
}

}  // namespace

std::string_view to_string(Era era) {
  return era == Era::legacy ? "legacy" : "modern";
}

bool is_legacy_version(std::string_view version) {
  return std::find(std::begin(legacy_versions), std::end(legacy_versions), version) != std::end(legacy_versions);
}

bool names_modern_version(std::string_view version) {
  return is_date(version) && version >= first_modern_version;
}

std::expected<Era, Refusal> classify(const Message& m, const MirrorHeaders& headers) {
  if (m.kind == Kind::batch) return classify_batch(m);
  const bool is_call = m.kind == Kind::request || m.kind == Kind::notification;
  if (is_call && m.method == "initialize" &&
      !(has_valid_envelope(m) && names_modern_version(json_unquote(m.claimed_version)))) {
    if (!header_names_modern(headers)) return Era::legacy;
    return std::unexpected(
        refuse(m, code::header_mismatch, "The header MCP-Protocol-Version names a revision that has no initialize."));
  }
  if (is_call && claims_modern(m)) return Era::modern;
  if (!header_names_modern(headers)) return Era::legacy;
  if (m.kind == Kind::notification) return Era::modern;
  if (m.kind == Kind::request) {
    return std::unexpected(
        refuse(m, code::invalid_params,
               "params._meta lacks \"io.modelcontextprotocol/protocolVersion\", which the revision of the "
               "header MCP-Protocol-Version requires."));
  }
  return std::unexpected(
      Refusal{400, code::invalid_request, "Invalid request: this revision has no responses from clients.", {}, {}});
}

std::optional<Refusal> check_modern(const Message& m, const MirrorHeaders& headers,
                                    std::span<const std::string_view> supported) {
  if (m.kind == Kind::notification) return {};
  if (m.kind != Kind::request) {
    return Refusal{
        400, code::invalid_request, "Invalid request: the body must be one request or notification.", {}, {}};
  }
  if (!has_valid_envelope(m)) {
    return refuse(m, code::invalid_params,
                  "params._meta must hold \"io.modelcontextprotocol/protocolVersion\" (a string) and "
                  "\"io.modelcontextprotocol/clientCapabilities\" (an object).");
  }
  const std::string version = json_unquote(m.claimed_version);
  if (auto refusal = check_agreement(m, headers, version)) return refusal;
  if (std::find(supported.begin(), supported.end(), version) == supported.end()) {
    return refuse(m, code::unsupported_protocol_version, "Unsupported protocol version.",
                  unsupported_version_data(supported, m.claimed_version));
  }
  return check_required_headers(m, headers);
}

std::optional<std::string_view> mirrored_name(const Message& m) {
  if (m.method == "tools/call" || m.method == "prompts/get") return m.name;
  if (m.method == "resources/read") return m.uri;
  if (m.method == "tasks/get" || m.method == "tasks/update" || m.method == "tasks/cancel") return m.task_id;
  return {};
}

std::optional<std::string> decode_header_value(std::string_view value) {
  constexpr std::string_view prefix = "=?base64?";
  constexpr std::string_view suffix = "?=";
  if (!value.starts_with(prefix) || !value.ends_with(suffix) || value.size() < prefix.size() + suffix.size()) {
    return std::string(value);
  }
  std::string text(value.substr(prefix.size(), value.size() - prefix.size() - suffix.size()));
  if (text.size() % 4 != 0 || text.find_first_of("-_") != std::string::npos) return {};
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return base64url_decode(text);
}

std::string encode_header_value(std::string_view value) {
  const bool printable = std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
  const bool trimmed = value.empty() || (value.front() != ' ' && value.back() != ' ');
  if (printable && trimmed && !value.starts_with("=?base64?")) return std::string(value);
  std::string text = base64url_encode(value);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return "=?base64?" + text + "?=";
}

std::string unsupported_version_data(std::span<const std::string_view> supported, std::string_view requested) {
  return fmt::format(R"({{"supported":["{}"],"requested":{}}})", fmt::join(supported, "\",\""), requested);
}

}  // namespace gw::mcp
