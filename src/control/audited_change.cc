#include "control/audited_change.h"

#include <fmt/core.h>

#include "base/log.h"

namespace gw::control {

audit::Record record_of(const Call& call, audit::Kind kind, std::string action, Subject subject) {
  return {.kind = kind,
          .user = call.caller->user,
          .method = std::string(to_string(call.caller->method)),
          .client = std::string(call.client()),
          .action = std::move(action),
          .adapter = std::move(subject.adapter),
          .item = std::move(subject.item),
          .answer = {},
          .reason = {},
          .request = std::string(call.header(http::Name::x_request_id))};
}

void record_denial(const Call& call, std::string action, Subject subject, std::string reason) {
  if (!call.audit) return;
  audit::Record record = record_of(call, audit::Kind::decision, std::move(action), std::move(subject));
  record.answer = "denied";
  record.reason = std::move(reason);
  (void)call.audit(std::move(record));
}

std::expected<AuditedChange, Answer> AuditedChange::begin(const Call& call, std::string action, Subject subject) {
  AuditedChange change(&call.audit, record_of(call, audit::Kind::change, std::move(action), std::move(subject)));
  if (!call.audit) return change;
  change.record_.answer = "allowed";
  if (const auto kept = call.audit(change.record_); !kept) {
    change.hook_ = nullptr;
    return std::unexpected(
        problem(Error(Errc::unavailable, fmt::format("nothing was changed, because the audit trail cannot take it: {}",
                                                     kept.error().message()))));
  }
  return change;
}

AuditedChange::~AuditedChange() {
  end("unknown", "the caller left before the answer");
}

void AuditedChange::done() {
  end("done", {});
}

Answer AuditedChange::failed(const Error& error) {
  end("failed", error.message());
  return problem(error);
}

void AuditedChange::end(std::string answer, std::string reason) {
  const AuditHook* const hook = std::exchange(hook_, nullptr);
  if (hook == nullptr || !*hook) return;
  record_.answer = std::move(answer);
  record_.reason = std::move(reason);
  const std::string action = record_.action;
  const std::string request = record_.request;
  if (const auto kept = (*hook)(std::move(record_)); !kept) {
    log::error("audit.outcome_lost", {{"action", action}, {"request", request}, {"error", kept.error().message()}});
  }
}

}  // namespace gw::control
