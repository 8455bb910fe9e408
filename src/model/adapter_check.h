// What is wrong with an adapter, apart from the shape of its document: all of it at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/adapter.h"
#include "schema/report.h"

namespace gw::model {

// Fields are named as in the REST API. Problems come in the order of the fields and show no header or variable values.
// Whether a container runtime can run an image is not asked here.
std::vector<schema::Problem> check_adapter(const AdapterSpec& spec);

// 1 to 63 lower-case letters, digits and dashes, without a dash at either end.
bool is_adapter_name(std::string_view name);

// `name` made legal: lower case, other characters as dashes, cut to 63; "server" when nothing is left.
std::string legal_name(std::string_view name);

}  // namespace gw::model
