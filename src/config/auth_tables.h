// The tables of `auth` and `egress`.
#pragma once

#include "auth/options.h"
#include "config/options.h"
#include "schema/table.h"

namespace gw::config {

schema::Object<auth::Options> auth_object();
schema::Object<EgressOptions> egress_object();

}  // namespace gw::config
