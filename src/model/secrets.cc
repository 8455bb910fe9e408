#include "model/secrets.h"

#include "base/strings.h"
#include "model/reference.h"

namespace gw::model {

AdapterSpec shown_to_readers(AdapterSpec spec) {
  if (!spec.url) return spec;
  for (auto& [name, value] : spec.url->headers) {
    if (!holds_only_references(value)) value = redacted;
  }
  return spec;
}

void keep_redacted(AdapterSpec& incoming, const AdapterSpec& stored) {
  if (!incoming.url || !stored.url) return;
  for (auto& [name, value] : incoming.url->headers) {
    if (value != redacted) continue;
    for (const auto& [stored_name, stored_value] : stored.url->headers) {
      if (iequals(name, stored_name)) value = stored_value;
    }
  }
}

}  // namespace gw::model
