#include "model/secrets.h"

#include <boost/url.hpp>

#include "base/strings.h"
#include "model/reference.h"

namespace gw::model {
namespace {

bool same_origin(const std::string& a, const std::string& b) {
  const auto first = boost::urls::parse_uri(a);
  const auto second = boost::urls::parse_uri(b);
  return first && second && first->encoded_origin() == second->encoded_origin();
}

}  // namespace

AdapterSpec shown_to_readers(AdapterSpec spec) {
  if (!spec.url) return spec;
  for (auto& [name, value] : spec.url->headers) {
    if (!holds_only_references(value)) value = redacted;
  }
  return spec;
}

void keep_redacted(AdapterSpec& incoming, const AdapterSpec& stored) {
  if (!incoming.url || !stored.url || !same_origin(incoming.url->url, stored.url->url)) return;
  for (auto& [name, value] : incoming.url->headers) {
    if (value != redacted) continue;
    for (const auto& [stored_name, stored_value] : stored.url->headers) {
      if (iequals(name, stored_name)) value = stored_value;
    }
  }
}

}  // namespace gw::model
