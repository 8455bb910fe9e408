#include "http/forwarding.h"

namespace gw::http {

bool concerns_connection(Name name) {
  switch (name) {
    case Name::connection:
    case Name::keep_alive:
    case Name::proxy_authenticate:
    case Name::proxy_authorization:
    case Name::proxy_connection:
    case Name::te:
    case Name::trailer:
    case Name::transfer_encoding:
    case Name::upgrade: return true;
    default: return false;
  }
}

bool concerns_identity(Name name) {
  switch (name) {
    case Name::authorization:
    case Name::cookie:
    case Name::dpop:
    case Name::x_api_key:
    case Name::x_authorized_tools:
    case Name::x_dev_name:
    case Name::x_dev_roles:
    case Name::x_dev_userid:
    case Name::x_gateway_caller:
    case Name::x_gateway_secret:
    case Name::x_mcp_authorized:
    case Name::x_mcp_identity:
    case Name::x_mcp_roles:
    case Name::x_mcp_userid:
    case Name::x_mcp_username: return true;
    default: return false;
  }
}

bool is_named_in_connection(const Fields& fields, const Field& field) {
  return fields.list_has(Name::connection, field.name);
}

}  // namespace gw::http
