#include "control/keys_api.h"

#include <algorithm>

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

constexpr std::size_t longest_name = 128;
constexpr std::size_t most_roles = 64;
// Each key is a user of its own, with limits of its own: some are of use, a thousand only to get round limits.
constexpr std::size_t most_of_one_user = 50;
constexpr Duration longest_life = std::chrono::days(3650);

struct KeyRequest {
  std::string name;
  std::vector<std::string> roles;
  std::optional<Duration> expires_in;
};

const schema::Object<KeyRequest>& key_request() {
  static const auto object = [] {
    schema::Object<KeyRequest> key;
    key.field("name", &KeyRequest::name, schema::text(), "What the key is for: 1 to 128 characters.",
              {.required = true})
        .field("roles", &KeyRequest::roles, schema::texts(),
               "The roles of whoever uses the key, at most 64. Other than administrators may give only roles that they "
               "have.")
        .field("expiresIn", &KeyRequest::expires_in,
               schema::optional(schema::duration(std::chrono::seconds(1), longest_life)),
               "How long the key counts, such as `90d`. Without it: until it is revoked.");
    return key;
  }();
  return object;
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= longest_name && is_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
}

std::optional<Answer> check(const KeyRequest& request) {
  std::vector<schema::Problem> problems;
  if (!is_label(request.name)) problems.push_back({"name", "must be 1 to 128 bytes without control characters", {}});
  if (request.roles.size() > most_roles) problems.push_back({"roles", "there may be at most 64", {}});
  for (std::size_t i = 0; i < request.roles.size(); ++i) {
    if (!is_label(request.roles[i])) {
      problems.push_back({fmt::format("roles[{}]", i), "must be 1 to 128 bytes without control characters", {}});
    }
  }
  if (problems.empty()) return {};
  return problem("the API key", problems);
}

// A key is no way to more than its maker may: neither to other roles nor, for a key that makes a key, to more time.
std::optional<Error> exceeds(const identity::Principal& maker, const KeyRequest& request,
                             std::optional<WallTime> expires_at) {
  for (const std::string& role : request.roles) {
    if (maker.has_role(role)) continue;
    return Error(Errc::forbidden,
                 fmt::format("a key can have only roles that you have, and '{}' is none of them", printable(role, 80)),
                 "roles");
  }
  const WallTime end{std::chrono::seconds(maker.expires)};
  const bool ends = maker.method == identity::Method::api_key && maker.expires != 0;
  if (!ends || (expires_at && *expires_at <= end)) return {};
  return Error(Errc::forbidden,
               fmt::format("the key that you use expires at {}, and one that it makes must not last longer: give an "
                           "earlier expiresIn",
                           json::format_timestamp(end)),
               "expiresIn");
}

Answer too_many() {
  return problem(Error(Errc::conflict,
                       fmt::format("you have {} API keys, with those that your keys made; revoke those that you do not "
                                   "need",
                                   most_of_one_user)));
}

js::object key_json(const auth::ApiKey& key) {
  js::array roles(key.roles.begin(), key.roles.end());
  return {{"id", key.id},
          {"name", key.name},
          {"roles", std::move(roles)},
          {"createdBy", key.created_by},
          {"createdAt", json::format_timestamp(key.created_at)},
          {"expiresAt", key.expires_at ? js::value(json::format_timestamp(*key.expires_at)) : js::value()}};
}

identity::Ownership ownership_of(const auth::ApiKey& key) {
  return {.created_by = key.created_by, .required_roles = {}};
}

}  // namespace

js::object KeysApi::request_schema() {
  return key_request().table().json_schema();
}

std::vector<ApiRoute> KeysApi::routes() {
  const auto no = Takes::nothing;
  return {
      {Method::get, "/keys", {Kind::key, Verb::list}, no, [this](Call& call) { return list(call); }},
      {Method::post, "/keys", {Kind::key, Verb::create}, Takes::json, [this](Call& call) { return create(call); }},
      {Method::get, "/keys/{id}", {Kind::key, Verb::read}, no, [this](Call& call) { return get(call); }},
      {Method::del, "/keys/{id}", {Kind::key, Verb::remove}, no, [this](Call& call) { return remove(call); }},
  };
}

Resources KeysApi::resources() const {
  return {.owner = [this](const std::string& id) -> std::optional<identity::Ownership> {
            const auth::ApiKey* key = keys_.find(id);
            if (key == nullptr) return {};
            return ownership_of(*key);
          },
          .not_found = [](const std::string& id) { return store::no_such_key(printable(id)).error(); },
          .what = "API key"};
}

Task<Answer> KeysApi::list(Call& call) {
  js::array listed;
  for (const auth::ApiKey* key : keys_.list()) {
    if (identity::may_read(*call.caller, ownership_of(*key), access_.admin_role)) listed.push_back(key_json(*key));
  }
  co_return json_answer(200, listed);
}

Task<Answer> KeysApi::create(Call& call) {
  const auto request = read_body(call.body, key_request(), "the API key");
  if (!request) co_return request.error();
  if (auto wrong = check(*request)) co_return *std::move(wrong);
  const WallTime now = wall_now();
  std::optional<WallTime> expires_at;
  if (request->expires_in) {
    expires_at = now + std::chrono::duration_cast<std::chrono::milliseconds>(*request->expires_in);
  }
  if (!identity::is_admin(*call.caller, access_.admin_role)) {
    if (keys_.descending_from(call.caller->user) >= most_of_one_user) co_return too_many();
    if (const auto error = exceeds(*call.caller, *request, expires_at)) {
      record_denial(call, "key.create", {}, error->message());
      co_return problem(*error);
    }
  }
  const auth::NewKey made =
      auth::make_api_key(request->name, request->roles, creator_name(*call.caller), now, expires_at);
  auto change = AuditedChange::begin(call, "key.create", {.adapter = {}, .item = made.key.id});
  if (!change) co_return change.error();
  if (const auto added = co_await keys_.add(made.key); !added) co_return change->failed(added.error());
  change->done();
  js::object answer = key_json(made.key);
  answer["key"] = made.made.reveal();
  co_return json_answer(201, answer).with("Location", "/keys/" + made.key.id).with("Cache-Control", "no-store");
}

Task<Answer> KeysApi::get(Call& call) {
  co_return json_answer(200, key_json(*keys_.find(call.name)));
}

Task<Answer> KeysApi::remove(Call& call) {
  auto change = AuditedChange::begin(call, "key.revoke", {.adapter = {}, .item = call.name});
  if (!change) co_return change.error();
  if (const auto removed = co_await keys_.remove(call.name); !removed) co_return change->failed(removed.error());
  change->done();
  co_return Answer{.status = 204};
}

}  // namespace gw::control
