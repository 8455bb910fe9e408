#include "control/access_api.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "control/body.h"
#include "json/timestamp.h"
#include "net/address.h"
#include "policy/explain_text.h"

namespace gw::control {
namespace {

namespace js = boost::json;
using http::Method;
using schema::optional;
using schema::text;
using schema::texts;

struct QuestionBody {
  std::string user;
  std::vector<std::string> roles, groups, scopes;
  std::optional<std::string> api_key;
  std::string adapter;
  std::optional<std::string> tool, prompt, resource;
  std::optional<policy::Hints> annotations;
  std::string network;
  std::optional<std::string> time;
};

const schema::Object<policy::Hints>& hints_object() {
  using H = policy::Hints;
  static const auto object = [] {
    schema::Object<H> hints;
    hints.field("readOnlyHint", &H::read_only, schema::boolean(), "The tool changes nothing.")
        .field("destructiveHint", &H::destructive, schema::boolean(), "It may destroy something.")
        .field("idempotentHint", &H::idempotent, schema::boolean(), "Repeating it changes nothing more.")
        .field("openWorldHint", &H::open_world, schema::boolean(), "It reaches the outside.");
    hints.ignore("title");
    return hints;
  }();
  return object;
}

const schema::Object<QuestionBody>& question_object() {
  using Q = QuestionBody;
  static const auto object = [] {
    schema::Object<Q> question;
    question.field("user", &Q::user, text(), "The user's id, with the prefix of his issuer.")
        .field("roles", &Q::roles, texts(), "His roles.")
        .field("groups", &Q::groups, texts(), "His groups.")
        .field("scopes", &Q::scopes, texts(), "The scopes of his token.")
        .field("apiKey", &Q::api_key, optional(text()),
               "Instead of a user: the id of an API key. Roles are the key's unless they are given.")
        .field("adapter", &Q::adapter, text(), "What he asks for.", {.required = true})
        .field("tool", &Q::tool, optional(text()), "A tool of it. Without an item: the adapter as a whole.")
        .field("prompt", &Q::prompt, optional(text()), "Or a prompt.")
        .field("resource", &Q::resource, optional(text()), "Or the URI of a resource.")
        .field("annotations", &Q::annotations, optional(hints_object().type()),
               "What the server says about the tool. Without it, that is open.")
        .field("network", &Q::network, text(), "The address of the client. Without it, that is open.")
        .field("time", &Q::time, optional(text()), "When (RFC 3339). Without it: now.")
        .ignore("arguments");  // Taken from the document as they are.
    return question;
  }();
  return object;
}

// Everything that policy::Question borrows.
struct Asked {
  QuestionBody body;
  identity::Principal who;
  std::optional<std::string> arguments;
  policy::ItemKind kind = policy::ItemKind::none;
  std::string item;
  WallTime time{};

  policy::Question question() const {
    return {.who = &who,
            .adapter = body.adapter,
            .kind = kind,
            .item = item,
            .hints = body.annotations,
            .arguments = arguments,
            .network = body.network,
            .now = time};
  }
};

void choose_item(Asked& asked, std::vector<schema::Problem>& problems) {
  const auto take = [&](const char* field, policy::ItemKind kind, const std::optional<std::string>& name) {
    if (!name) return;
    if (asked.kind != policy::ItemKind::none) {
      problems.push_back({field, "only one of tool, prompt and resource can be asked about at once", {}});
    }
    asked.kind = kind;
    asked.item = *name;
  };
  take("tool", policy::ItemKind::tool, asked.body.tool);
  take("prompt", policy::ItemKind::prompt, asked.body.prompt);
  take("resource", policy::ItemKind::resource, asked.body.resource);
}

identity::Principal principal_of(const QuestionBody& body, const KeyBook& keys) {
  identity::Principal who{.method = identity::Method::token,
                          .user = body.user,
                          .roles = body.roles,
                          .groups = body.groups,
                          .scopes = body.scopes};
  if (!body.api_key) return who;
  who.method = identity::Method::api_key;
  who.api_key = *body.api_key;
  if (who.user.empty()) who.user = "key:" + who.api_key;
  const auth::ApiKey* const key = keys.find(who.api_key);
  if (key == nullptr) return who;
  who.name = key->name;
  if (who.roles.empty()) who.roles = key->roles;
  return who;
}

std::expected<Asked, Answer> read_question(std::string_view text, const KeyBook& keys) {
  constexpr std::string_view what = "the question";
  auto body = read_body(text, question_object(), what);
  if (!body) return std::unexpected(body.error());
  Asked asked{.body = *std::move(body)};
  std::vector<schema::Problem> problems;
  choose_item(asked, problems);
  const auto document = json::parse(text, {.max_depth = 32});  // It was read once: it is an object.
  if (const js::value* arguments = document->as_object().if_contains("arguments")) {
    if (!arguments->is_object()) problems.push_back({"arguments", "must be an object", {}});
    asked.arguments = json::to_text(*arguments);
  }
  const std::string& network = asked.body.network;
  if (!network.empty() && !net::AddressBlock::parse(network)) {
    problems.push_back({"network", fmt::format("'{}' is not a numeric address", printable(network, 80)), {}});
  }
  asked.time = wall_now();
  if (asked.body.time) {
    const auto time = json::parse_timestamp(*asked.body.time);
    if (!time) problems.push_back({"time", "must be a time such as 2026-08-21T09:30:00Z", {}});
    asked.time = time.value_or(asked.time);
  }
  if (!problems.empty()) return std::unexpected(problem(what, problems));
  asked.who = principal_of(asked.body, keys);
  return asked;
}

// Why the role rules let somebody use the adapter or not, as a sentence.
std::string because(const identity::Principal& who, const identity::Ownership& what, std::string_view admin_role) {
  if (identity::is_admin(who, admin_role)) return fmt::format("the caller has the administrators' role '{}'", admin_role);
  if (identity::may_write(who, what, admin_role)) return "the caller created the adapter";
  for (const std::string& role : what.required_roles) {
    if (role == identity::everybody) return "everybody with an identity may use the adapter";
    if (who.has_role(role)) return fmt::format("the caller has the required role '{}'", role);
  }
  if (what.required_roles.empty()) {
    return "the adapter requires no roles, so only its creator and administrators may use it";
  }
  return fmt::format("the caller has none of the required roles: {}", fmt::join(what.required_roles, ", "));
}

js::value or_null(const std::string& text) {
  return text.empty() ? js::value() : js::value(js::string(text));
}

js::array list_of(const std::vector<std::string>& texts) {
  return js::array(texts.begin(), texts.end());
}

}  // namespace

js::object AccessApi::question_schema() {
  js::object schema = question_object().table().json_schema();
  schema["properties"].as_object()["arguments"] = {
      {"type", "object"}, {"description", "The arguments of the call. Without them, they are open."}};
  return schema;
}

std::vector<ApiRoute> AccessApi::routes() {
  return {
      {Method::get, "/whoami", {Kind::gateway, Verb::whoami}, Takes::nothing,
       [this](Call& call) { return whoami(call); }},
      {Method::post, "/policy/explain", {Kind::policy, Verb::explain}, Takes::json,
       [this](Call& call) { return explain(call); }},
  };
}

Task<Answer> AccessApi::whoami(Call& call) {
  const identity::Principal& who = *call.caller;
  const WallTime end{std::chrono::seconds(who.expires)};
  co_return json_answer(200,
                        js::object{{"method", to_string(who.method)},
                                   {"user", or_null(who.user)},
                                   {"name", or_null(who.name)},
                                   {"issuer", or_null(who.issuer)},
                                   {"clientId", or_null(who.client_id)},
                                   {"apiKey", or_null(who.api_key)},
                                   {"roles", list_of(who.roles)},
                                   {"groups", list_of(who.groups)},
                                   {"scopes", list_of(who.scopes)},
                                   {"expiresAt", or_null(who.expires == 0 ? "" : json::format_timestamp(end))},
                                   {"administrator", identity::is_admin(who, access_.admin_role)}})
      .with("Cache-Control", "no-store");
}

Task<Answer> AccessApi::explain(Call& call) {
  const auto asked = read_question(call.body, keys_);
  if (!asked) co_return asked.error();
  const model::Adapter* adapter = registry_.find(asked->body.adapter);
  if (adapter == nullptr) co_return problem(store::not_found(printable(asked->body.adapter)).error());
  const identity::Ownership what = ownership_of(*adapter);
  const bool may_use = identity::may_read(asked->who, what, access_.admin_role);
  const policy::Explanation explanation = access_.policy.explain(asked->question());
  const policy::Answer decision = may_use ? explanation.decision.answer : policy::Answer::deny;
  co_return json_answer(200, js::object{{"decision", policy::to_string(decision)},
                                        {"decidedBy", may_use ? "policy" : "roles"},
                                        {"roles", js::object{{"mayUse", may_use},
                                                             {"because", because(asked->who, what, access_.admin_role)}}},
                                        {"policy", policy::explain_json(explanation)}});
}

}  // namespace gw::control
