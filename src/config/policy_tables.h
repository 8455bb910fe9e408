// The table of `policy`.
#pragma once

#include "policy/rules.h"
#include "schema/table.h"

namespace gw::config {

schema::Object<policy::Rules> policy_object();

}  // namespace gw::config
