// Adapters and tools as the REST API and the store write them.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "model/adapter.h"
#include "model/adapter_document.h"
#include "schema/report.h"

namespace gw::model {

// What a request body with an adapter or a tool says, checked in full; or everything that is wrong with it.
// Members that only the gateway writes ("id", "createdAt", …) are taken and ignored; unknown ones are a problem.
// With `stored`, header values that were shown as redacted keep their stored value: what was read can be sent again.
using ReadSpec = std::expected<AdapterSpec, std::vector<schema::Problem>>;
ReadSpec read_adapter(std::string_view body, const AdapterSpec* stored = nullptr);
ReadSpec read_tool(std::string_view body, const AdapterSpec* stored = nullptr);

// The resource as answered to readers, as JSON text: the members of the established API first and in its order, then
// ours; null for those that are absent. Header values that are secrets are redacted; the definition of a tool has the
// bytes that came.
std::string resource_text(const Adapter& adapter);

// JSON Schemas (2020-12) of request bodies and of answers, by the table of the resource.
boost::json::object request_schema(const schema::Object<AdapterDocument>& object);
boost::json::object resource_schema(const schema::Object<AdapterDocument>& object);

// The specification as the store keeps it, with everything in it; and back. Errc::internal for what we did not write.
std::string stored_text(const AdapterSpec& spec);
Result<AdapterSpec> spec_of_stored_text(std::string_view text);

}  // namespace gw::model
