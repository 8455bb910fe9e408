#include "federation/client_session.h"

#include "base/base64.h"
#include "mcp/json_text.h"
#include "runtime/random.h"

namespace gw::federation {
namespace {

constexpr std::size_t longest = 1024;  // session::Sealed::upstream_session.
constexpr std::size_t longest_name = 64;

std::string with_member(std::string object, std::string_view name, std::string_view raw) {
  if (raw.empty()) return object;
  object.pop_back();
  if (object.size() > 1) object += ',';
  object.append("\"").append(name).append("\":").append(raw).append("}");
  return object;
}

// Elicitation without a mode means forms.
std::string modern_elicitation(std::string_view said, bool knows_urls) {
  if (!mcp::is_json_object(said)) return {};
  const std::string_view url = mcp::json_member(said, "url");
  const bool form = !mcp::json_member(said, "form").empty() || url.empty();
  std::string modes = "{}";
  if (form) modes = with_member(modes, "form", "{}");
  if (knows_urls && !url.empty()) modes = with_member(modes, "url", "{}");
  return modes;
}

// Without `tasks`, which the modern revision has no counterpart for, and only with what is known when `brief`.
std::string modern_capabilities(std::string_view said, std::string_view version, bool brief) {
  std::string out = "{}";
  if (!mcp::is_json_object(said)) return out;
  mcp::JsonScanner json(said, 128);
  std::string_view key, value;
  for (json.enter_object(); json.next_member(key) && json.take(value);) {
    const std::string name = mcp::json_unquote(key);
    if (name == "tasks") continue;
    if (name == "roots") {
      out = with_member(std::move(out), name, "{}");
    } else if (name == "elicitation") {
      out = with_member(std::move(out), name, modern_elicitation(value, version >= "2025-11-25"));
    } else if (name == "sampling" || !brief) {
      out = with_member(std::move(out), key.substr(1, key.size() - 2), brief ? "{}" : value);
    }
  }
  return out;
}

std::string brief_info(std::string_view info) {
  std::string out = "{}";
  for (const std::string_view name : {"name", "version"}) {
    const std::string_view raw = mcp::json_member(info, name);
    out = with_member(std::move(out), name, mcp::is_json_string(raw) && raw.size() <= longest_name ? raw : R"("")");
  }
  return out;
}

std::string text_of(const ClientSession& session) {
  return base64url_encode(session.capabilities + "\n" + session.info);
}

// Raw JSON may hold line breaks between tokens only.
std::string one_line(std::string_view raw) {
  std::string line(raw);
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return line;
}

}  // namespace

ClientSession begin_session(std::string_view version, std::string_view capabilities, std::string_view info) {
  ClientSession session{.id = random_hex(16),
                        .version = std::string(version),
                        .capabilities = one_line(modern_capabilities(capabilities, version, false)),
                        .info = mcp::is_json_object(info) ? one_line(info) : std::string()};
  if (text_of(session).size() > longest && !session.info.empty()) session.info = brief_info(session.info);
  if (text_of(session).size() > longest) session.capabilities = modern_capabilities(capabilities, version, true);
  return session;
}

Result<std::string> seal(session::Sealer& sealer, const ClientSession& session, const session::Owner& owner,
                         std::int64_t expires) {
  const std::string name = session.id + " " + session.version;
  const std::string text = text_of(session);
  return sealer.seal({.endpoint = name, .upstream_session = text, .expires = expires}, owner);
}

Result<OpenedSession> open(session::Sealer& sealer, std::string_view sealed_id, const session::Owner& owner,
                           std::int64_t now) {
  GW_TRY(const session::Sealed sealed, sealer.open(sealed_id, owner, now));
  const auto text = base64url_decode(sealed.upstream_session);
  const auto space = sealed.endpoint.find(' ');
  const auto line = text ? text->find('\n') : std::string::npos;
  if (space == std::string_view::npos || line == std::string::npos) {
    return std::unexpected(session::unknown_session());
  }
  return OpenedSession{.session = {.id = std::string(sealed.endpoint.substr(0, space)),
                                   .version = std::string(sealed.endpoint.substr(space + 1)),
                                   .capabilities = text->substr(0, line),
                                   .info = text->substr(line + 1)},
                       .expires = sealed.expires};
}

}  // namespace gw::federation
