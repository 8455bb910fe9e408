#include "http/fields.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace gw::http {
namespace {

struct NamedField {
  std::string_view text;
  Name name;
};

constexpr std::array named{
    NamedField{"accept", Name::accept},
    NamedField{"authorization", Name::authorization},
    NamedField{"connection", Name::connection},
    NamedField{"content-length", Name::content_length},
    NamedField{"content-type", Name::content_type},
    NamedField{"cookie", Name::cookie},
    NamedField{"date", Name::date},
    NamedField{"dpop", Name::dpop},
    NamedField{"expect", Name::expect},
    NamedField{"forwarded", Name::forwarded},
    NamedField{"host", Name::host},
    NamedField{"if-match", Name::if_match},
    NamedField{"if-none-match", Name::if_none_match},
    NamedField{"keep-alive", Name::keep_alive},
    NamedField{"last-event-id", Name::last_event_id},
    NamedField{"mcp-method", Name::mcp_method},
    NamedField{"mcp-name", Name::mcp_name},
    NamedField{"mcp-protocol-version", Name::mcp_protocol_version},
    NamedField{"mcp-session-id", Name::mcp_session_id},
    NamedField{"origin", Name::origin},
    NamedField{"proxy-authenticate", Name::proxy_authenticate},
    NamedField{"proxy-authorization", Name::proxy_authorization},
    NamedField{"proxy-connection", Name::proxy_connection},
    NamedField{"server", Name::server},
    NamedField{"set-cookie", Name::set_cookie},
    NamedField{"te", Name::te},
    NamedField{"traceparent", Name::traceparent},
    NamedField{"tracestate", Name::tracestate},
    NamedField{"trailer", Name::trailer},
    NamedField{"transfer-encoding", Name::transfer_encoding},
    NamedField{"upgrade", Name::upgrade},
    NamedField{"www-authenticate", Name::www_authenticate},
    NamedField{"x-api-key", Name::x_api_key},
    NamedField{"x-authorized-tools", Name::x_authorized_tools},
    NamedField{"x-dev-name", Name::x_dev_name},
    NamedField{"x-dev-roles", Name::x_dev_roles},
    NamedField{"x-dev-userid", Name::x_dev_userid},
    NamedField{"x-forwarded-for", Name::x_forwarded_for},
    NamedField{"x-forwarded-host", Name::x_forwarded_host},
    NamedField{"x-forwarded-proto", Name::x_forwarded_proto},
    NamedField{"x-gateway-caller", Name::x_gateway_caller},
    NamedField{"x-gateway-secret", Name::x_gateway_secret},
    NamedField{"x-mcp-authorized", Name::x_mcp_authorized},
    NamedField{"x-mcp-identity", Name::x_mcp_identity},
    NamedField{"x-mcp-roles", Name::x_mcp_roles},
    NamedField{"x-mcp-userid", Name::x_mcp_userid},
    NamedField{"x-mcp-username", Name::x_mcp_username},
    NamedField{"x-request-id", Name::x_request_id},
};

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr std::size_t table_size = 256;

// Length, first and last letter tell nearly all of the names apart.
constexpr std::size_t hash_of(std::string_view name) {
  const auto first = static_cast<unsigned char>(lower(name.front()));
  const auto last = static_cast<unsigned char>(lower(name.back()));
  return (name.size() * 31 + first * 7 + last * 3) % table_size;
}

// Open addressing; 0 is an empty slot, else the index into `named` plus 1.
constexpr auto table = [] {
  std::array<std::uint8_t, table_size> slots{};
  for (std::size_t i = 0; i < named.size(); ++i) {
    std::size_t slot = hash_of(named[i].text);
    while (slots[slot] != 0) slot = (slot + 1) % table_size;
    slots[slot] = static_cast<std::uint8_t>(i + 1);
  }
  return slots;
}();

bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

Name known_name(std::string_view name) {
  if (name.empty()) return Name::other;
  for (std::size_t slot = hash_of(name); table[slot] != 0; slot = (slot + 1) % table_size) {
    const NamedField& candidate = named[table[slot] - 1u];
    if (iequals(candidate.text, name)) return candidate.name;
  }
  return Name::other;
}

std::string_view Fields::get(Name name) const {
  const auto it = std::find_if(list_.begin(), list_.end(), [name](const Field& f) { return f.known == name; });
  return it == list_.end() ? std::string_view() : it->value;
}

std::string_view Fields::get(std::string_view name) const {
  const auto it = std::find_if(list_.begin(), list_.end(), [name](const Field& f) { return iequals(f.name, name); });
  return it == list_.end() ? std::string_view() : it->value;
}

bool Fields::has(Name name) const {
  return count(name) > 0;
}

std::size_t Fields::count(Name name) const {
  return static_cast<std::size_t>(
      std::count_if(list_.begin(), list_.end(), [name](const Field& f) { return f.known == name; }));
}

bool Fields::list_has(Name name, std::string_view token) const {
  return std::any_of(list_.begin(), list_.end(),
                     [&](const Field& f) { return f.known == name && http::list_has(f.value, token); });
}

bool list_has(std::string_view list, std::string_view token) {
  while (true) {
    const auto end = list.find(',');
    const std::string_view element = list.substr(0, end);
    if (iequals(trim(element.substr(0, element.find(';'))), token)) return true;
    if (end == std::string_view::npos) return false;
    list.remove_prefix(end + 1);
  }
}

bool is_media_type(std::string_view media_type, std::string_view type) {
  return iequals(trim(media_type.substr(0, media_type.find(';'))), type);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

}  // namespace gw::http
