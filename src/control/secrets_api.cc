#include "control/secrets_api.h"

#include <boost/json.hpp>

#include "control/audited_change.h"
#include "control/body.h"
#include "json/timestamp.h"

namespace gw::control {
namespace {

namespace js = boost::json;
using http::Method;

struct SecretRequest {
  std::string value;
};

const schema::Object<SecretRequest>& secret_request() {
  static const auto object = [] {
    schema::Object<SecretRequest> secret;
    secret.field("value", &SecretRequest::value, schema::text(), "The secret: 1 to 65,536 bytes.", {.required = true});
    return secret;
  }();
  return object;
}

js::object entry_json(const vault::Entry& entry) {
  return {{"name", entry.name},
          {"createdAt", json::format_timestamp(entry.created_at)},
          {"lastUpdatedAt", json::format_timestamp(entry.last_updated_at)}};
}

}  // namespace

js::object SecretsApi::request_schema() {
  return secret_request().table().json_schema();
}

std::vector<ApiRoute> SecretsApi::routes() {
  const auto no = Takes::nothing;
  return {
      {Method::get, "/secrets", {Kind::secret, Verb::list}, no, [this](Call& call) { return list(call); }},
      {Method::put, "/secrets/{name}", {Kind::secret, Verb::update}, Takes::json,
       [this](Call& call) { return set(call); }},
      {Method::del, "/secrets/{name}", {Kind::secret, Verb::remove}, no, [this](Call& call) { return remove(call); }},
  };
}

Task<Answer> SecretsApi::list(Call&) {
  js::array listed;
  for (const vault::Entry& entry : vault_.list()) listed.push_back(entry_json(entry));
  co_return json_answer(200, listed);
}

Task<Answer> SecretsApi::set(Call& call) {
  auto request = read_body(call.body, secret_request(), "the secret");
  if (!request) co_return request.error();
  auto change = AuditedChange::begin(call, "secret.set", {.adapter = {}, .item = call.name});
  if (!change) co_return change.error();
  const bool is_new = !vault_.has(call.name);
  const auto set = co_await vault_.set(call.name, SecretString(std::move(request->value)));
  if (!set) co_return change->failed(set.error());
  change->done();
  co_return json_answer(is_new ? 201 : 200, entry_json(*set));
}

Task<Answer> SecretsApi::remove(Call& call) {
  auto change = AuditedChange::begin(call, "secret.delete", {.adapter = {}, .item = call.name});
  if (!change) co_return change.error();
  if (const auto removed = co_await vault_.remove(call.name); !removed) co_return change->failed(removed.error());
  change->done();
  co_return Answer{.status = 204};
}

}  // namespace gw::control
