// Header fields as views into the buffer that they were read into.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace gw::http {

// The field names that the gateway looks at; everything else is `other` and only carried.
enum class Name : std::uint8_t {
  other,
  accept,
  authorization,
  connection,
  content_length,
  content_type,
  cookie,
  date,
  dpop,
  expect,
  forwarded,
  host,
  if_match,
  if_none_match,
  keep_alive,
  last_event_id,
  mcp_method,
  mcp_name,
  mcp_protocol_version,
  mcp_session_id,
  origin,
  proxy_authenticate,
  proxy_authorization,
  proxy_connection,
  server,
  set_cookie,
  te,
  traceparent,
  tracestate,
  trailer,
  transfer_encoding,
  upgrade,
  www_authenticate,
  x_api_key,
  x_authorized_tools,
  x_dev_name,
  x_dev_roles,
  x_dev_userid,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_proto,
  x_gateway_caller,
  x_gateway_secret,
  x_mcp_authorized,
  x_mcp_identity,
  x_mcp_roles,
  x_mcp_userid,
  x_mcp_username,
  x_request_id,
};

Name known_name(std::string_view name);

struct Field {
  std::string_view name;
  std::string_view value;  // Without blanks at its ends.
  Name known = Name::other;
};

// The fields of one message in the order in which they came. Views: valid as long as the buffer that they came from.
class Fields {
 public:
  void add(std::string_view name, std::string_view value) { list_.push_back({name, value, known_name(name)}); }
  void clear() { list_.clear(); }
  void release() { std::vector<Field>().swap(list_); }

  std::span<const Field> all() const { return list_; }
  std::size_t size() const { return list_.size(); }
  // The first value, or an empty view.
  std::string_view get(Name name) const;
  std::string_view get(std::string_view name) const;
  bool has(Name name) const;
  std::size_t count(Name name) const;
  // Whether the list that all fields of that name make together has the element `token`.
  bool list_has(Name name, std::string_view token) const;

 private:
  std::vector<Field> list_;
};

// Whether the comma-separated `list` has the element `token`, without regard to case or parameters.
bool list_has(std::string_view list, std::string_view token);

// Whether `media_type` ("application/json; charset=utf-8") is `type` ("application/json").
bool is_media_type(std::string_view media_type, std::string_view type);

// RFC 9110 section 5.6.2 and 5.5: what may be written into a message without changing its framing.
bool is_token(std::string_view text);
bool is_field_value(std::string_view text);

}  // namespace gw::http
