// A change in the audit trail: before it begins and when it has ended.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <utility>

#include "audit/record.h"
#include "control/answer.h"
#include "control/call.h"

namespace gw::control {

// What a change is about; empty where it does not apply.
struct Subject {
  std::string adapter;
  std::string item;  // Id of a key, name of a secret.
};

// The trail has a record "allowed" before the change begins, and "done" or "failed" after it; "unknown" when the caller
// left before the answer, since changes that have begun complete.
class AuditedChange {
 public:
  // `action` is "adapter.update". When the trail cannot take the record: the answer to give instead, 503.
  static std::expected<AuditedChange, Answer> begin(const Call& call, std::string action, Subject subject);

  AuditedChange(AuditedChange&& other) noexcept
      : hook_(std::exchange(other.hook_, nullptr)), record_(std::move(other.record_)) {}
  ~AuditedChange();

  void done();
  Answer failed(const Error& error);

 private:
  AuditedChange(const AuditHook* hook, audit::Record record) : hook_(hook), record_(std::move(record)) {}
  void end(std::string answer, std::string reason);

  const AuditHook* hook_;  // Null once ended.
  audit::Record record_;
};

// A request that was refused because of who asks; `reason` is the rule or a sentence. It is refused in any case, also
// when the trail cannot take the record.
void record_denial(const Call& call, std::string action, Subject subject, std::string reason);

// Who asks, from where, in which request.
audit::Record record_of(const Call& call, audit::Kind kind, std::string action, Subject subject);

}  // namespace gw::control
