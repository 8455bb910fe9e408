// Adapters as the REST API and the store write them.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "model/adapter.h"
#include "schema/report.h"

namespace gw::model {

// What a request body with an adapter says, checked in full; or everything that is wrong with it.
// Members that only the gateway writes ("id", "createdAt", …) are taken and ignored; unknown ones are a problem.
// With `stored`, header values that were shown as redacted keep their stored value: what was read can be sent again.
std::expected<AdapterSpec, std::vector<schema::Problem>> read_adapter(std::string_view body,
                                                                      const AdapterSpec* stored = nullptr);

// The resource as answered to readers: the members of the established API first and in its order, then ours; null for
// those that are absent. Header values that are secrets are redacted.
boost::json::object adapter_json(const Adapter& adapter);

// A JSON Schema (2020-12) of request bodies and of answers.
boost::json::object adapter_request_schema();
boost::json::object adapter_resource_schema();

// The specification as the store keeps it, with everything in it; and back. Errc::internal for what we did not write.
std::string stored_text(const AdapterSpec& spec);
Result<AdapterSpec> spec_of_stored_text(std::string_view text);

}  // namespace gw::model
