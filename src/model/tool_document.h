// The definition of a tool as documents write it: the member "toolDefinition".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/tool.h"
#include "schema/table.h"

namespace gw::model {

const schema::Object<ToolSpec>& tool_spec_object();

// The bytes of "toolDefinition.tool" in the JSON text of a resource; empty when it is not there.
std::string_view definition_in(std::string_view resource);

// A name that occurs twice in an object of this JSON text, which readers would understand in two ways.
std::optional<std::string> repeated_name(std::string_view json);

}  // namespace gw::model
