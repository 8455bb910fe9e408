#include "control/approvals_api.h"

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "control/audited_change.h"
#include "control/body.h"
#include "json/timestamp.h"

namespace gw::control {
namespace {

namespace js = boost::json;
using http::Method;

constexpr std::size_t most_recorded = 20;

struct ApprovalRequest {
  std::vector<PinBook::Wanted> items;
};

const schema::Object<ApprovalRequest>& approval_request() {
  static const auto object = [] {
    using catalogue::Kind;
    schema::Object<PinBook::Wanted> item;
    item.field("kind", &PinBook::Wanted::kind,
               schema::choice<Kind>({{"tool", Kind::tool},
                                     {"prompt", Kind::prompt},
                                     {"resource", Kind::resource},
                                     {"resourceTemplate", Kind::resource_template}}),
               "What it is.", {.required = true})
        .field("name", &PinBook::Wanted::name, schema::text(),
               "What its server calls it: name of a tool or prompt, `uri`, `uriTemplate`.", {.required = true})
        .field("hash", &PinBook::Wanted::hash, schema::text(),
               "Of the definition that was looked at. Another one is not approved.", {.required = true})
        .ignore("change");
    schema::Object<ApprovalRequest> request;
    request.field("items", &ApprovalRequest::items, schema::list(item.type()),
                  "What is approved, at most 10,000: all of it or nothing. `waiting` may be sent back as it came.",
                  {.required = true});
    return request;
  }();
  return object;
}

// What was approved, for the audit trail, which has no room for thousands: the store knows who approved what.
std::string record_text(const std::vector<PinBook::Wanted>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size() && i < most_recorded; ++i) {
    const PinBook::Wanted& item = items[i];
    text += fmt::format("{}{} '{}' {}", i == 0 ? "" : ", ", to_string(item.kind), printable(item.name, 80), item.hash);
  }
  if (items.size() > most_recorded) text += fmt::format(", and {} more", items.size() - most_recorded);
  return text;
}

js::object approval_json(const store::Approval& approval) {
  return {{"kind", approval.kind},
          {"name", approval.name},
          {"hash", approval.hash},
          {"approvedBy", approval.approved_by.empty() ? js::value() : js::value(approval.approved_by)},
          {"approvedAt", json::format_timestamp(approval.approved_at)}};
}

}  // namespace

js::object ApprovalsApi::request_schema() {
  return approval_request().table().json_schema();
}

std::vector<ApiRoute> ApprovalsApi::routes() {
  constexpr const char* path = "/adapters/{name}/approvals";
  return {
      {Method::get, path, {Kind::adapter, Verb::approvals}, Takes::nothing, [this](Call& call) { return get(call); }},
      {Method::post, path, {Kind::adapter, Verb::approve}, Takes::json, [this](Call& call) { return approve(call); }},
  };
}

Answer ApprovalsApi::state_of(const std::string& adapter) const {
  js::array approved;
  for (const store::Approval* approval : pins_.approvals(adapter)) approved.push_back(approval_json(*approval));
  js::array waiting;
  for (const PinBook::Waiting& item : pins_.waiting(adapter)) {
    waiting.push_back({{"kind", to_string(item.kind)},
                       {"name", item.name},
                       {"hash", item.hash},
                       {"change", item.is_new ? "new" : "changed"}});
  }
  const model::Adapter* const found = registry_.find(adapter);
  return json_answer(200, {{"pinned", found != nullptr && found->spec.pinned},
                           {"approved", std::move(approved)},
                           {"waiting", std::move(waiting)}});
}

Task<Answer> ApprovalsApi::get(Call& call) {
  co_return state_of(call.name);
}

Task<Answer> ApprovalsApi::approve(Call& call) {
  auto request = read_body(call.body, approval_request(), "the approval");
  if (!request) co_return request.error();
  if (request->items.empty() || request->items.size() > max_items) {
    co_return problem("the approval", {{"items", fmt::format("must name 1 to {} definitions", max_items), {}}});
  }
  if (const auto may = pins_.may_approve(call.name, request->items.size()); !may) co_return problem(may.error());
  std::vector<http::FieldProblem> unfit;
  for (std::size_t i = 0; i < request->items.size(); ++i) {
    if (auto why = pins_.unfit(call.name, request->items[i])) {
      unfit.push_back({fmt::format("items[{}]", i), *std::move(why)});
    }
  }
  if (!unfit.empty()) {
    co_return problem(409, to_string(Errc::conflict), "nothing was approved: " + unfit.front().message, unfit);
  }
  auto change =
      AuditedChange::begin(call, "adapter.approve", {.adapter = call.name, .item = record_text(request->items)});
  if (!change) co_return change.error();
  const auto approved = co_await pins_.approve(call.name, std::move(request->items), creator_name(*call.caller));
  if (!approved) co_return change->failed(approved.error());
  change->done();
  co_return state_of(call.name);
}

}  // namespace gw::control
