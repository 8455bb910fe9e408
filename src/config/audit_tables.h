// The table of `audit`.
#pragma once

#include "audit/trail.h"
#include "schema/table.h"

namespace gw::config {

schema::Object<audit::Options> audit_object();

}  // namespace gw::config
