// Who may do what through the REST API: one table, which Api enforces and tests go through row by row.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "identity/ownership.h"
#include "model/adapter.h"

namespace gw::control {

// What an operation is about.
enum class Kind { gateway, adapter, tool, catalogue, key, secret, policy };

enum class Verb {
  probe,
  index,
  observe,
  whoami,
  list,
  create,
  read,
  status,
  logs,
  approvals,
  update,
  approve,
  remove,
  explain
};

struct Operation {
  Kind kind = Kind::gateway;
  Verb verb = Verb::probe;

  bool operator==(const Operation&) const = default;
};

enum class Who {
  anybody,
  authenticated,   // Whoever has an identity. Lists then show what the caller may read.
  readers,         // identity::may_read
  writers,         // identity::may_write
  administrators,  // identity::is_admin
};

struct Rule {
  Operation operation;
  Who who = Who::administrators;
  // Also callers without an identity, whom the front let pass because auth.anonymousPaths names the path.
  bool strangers = false;
};

std::span<const Rule> rules();
// Null when the table has no such row; Api refuses to serve such an operation.
const Rule* rule_of(const Operation& operation);

// hidden: to be answered exactly as if the resource were not there.
enum class Permission { granted, denied, hidden };

// `what` is whose the resource is; nothing when there is no such resource, or the operation is not about one.
Permission permission_of(const identity::Principal& who, const Rule& rule,
                         const std::optional<identity::Ownership>& what, std::string_view admin_role);

// Whether the caller has no identity although callers are asked for one.
bool is_stranger(const identity::Principal& who);

// "anonymous" while nobody is asked who he is.
std::string creator_name(const identity::Principal& who);
// Nobody owns adapters of the file, or those that were made while nobody was asked, whatever users are called.
identity::Ownership ownership_of(const model::Adapter& adapter);

}  // namespace gw::control
