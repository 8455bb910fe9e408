#include "model/etag.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/strings.h"

namespace gw::model {

std::string etag_of(const Adapter& adapter) {
  return fmt::format("\"{}.{}\"", adapter.uid, adapter.revision);
}

bool matches(std::string_view if_match, const Adapter& adapter) {
  if (trim(if_match) == "*") return true;
  const auto tags = split_list(if_match, ',');
  return std::ranges::find(tags, etag_of(adapter)) != tags.end();
}

}  // namespace gw::model
