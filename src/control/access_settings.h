// What of the configuration decides who may do what through the REST API.
#pragma once

#include <string>
#include <vector>

#include "identity/ownership.h"
#include "policy/policy.h"

namespace gw::control {

// Replaced as a whole when the configuration changes: ControlPlane::apply().
struct AccessSettings {
  std::string admin_role{identity::default_admin_role};
  // Who may declare servers that run programs of this machine or refer to its files, variables and secrets, besides
  // administrators.
  std::vector<std::string> operator_roles;
  std::vector<std::string> workload_identity_roles;  // Who may set useWorkloadIdentity, besides administrators.
  policy::Policy policy;                             // Of the data plane; here it is only explained.
};

}  // namespace gw::control
