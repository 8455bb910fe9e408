// The reference page of a table: one Markdown table per object, nested objects as sections of their own.
#pragma once

#include <string>

#include "schema/table.h"

namespace gw::schema {

// Sections at heading level `level`, in the order of the fields: "### `http`".
std::string markdown_reference(const Table& table, int level);

}  // namespace gw::schema
