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

bool is_named_in_connection(const Fields& fields, const Field& field) {
  return fields.list_has(Name::connection, field.name);
}

}  // namespace gw::http
