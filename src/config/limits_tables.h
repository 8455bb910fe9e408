// The table of one entry of `limits`.
#pragma once

#include "limits/rules.h"
#include "schema/table.h"

namespace gw::config {

// "600/1m": a count and a duration.
schema::Of<limits::Rate> rate();

schema::Object<limits::Rule> limit_object();

}  // namespace gw::config
