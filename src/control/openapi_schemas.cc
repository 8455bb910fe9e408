#include "control/openapi_schemas.h"

#include <initializer_list>
#include <string_view>

#include <boost/json.hpp>

#include "control/access_api.h"
#include "control/approvals_api.h"
#include "control/keys_api.h"
#include "control/secrets_api.h"
#include "model/adapter_json.h"

namespace gw::control {
namespace {

namespace js = boost::json;

js::object type(std::string_view name, std::string_view description = {}) {
  js::object schema{{"type", js::string(name)}};
  if (!description.empty()) schema["description"] = js::string(description);
  return schema;
}

js::object nullable(std::string_view name, std::string_view description) {
  return {{"type", {js::string(name), "null"}}, {"description", js::string(description)}};
}

js::object time(std::string_view description) {
  js::object schema = type("string", description);
  schema["format"] = "date-time";
  return schema;
}

js::object choice(std::initializer_list<std::string_view> values, std::string_view description) {
  js::object schema = type("string", description);
  js::array names;
  for (const std::string_view value : values) names.push_back(js::string(value));
  schema["enum"] = std::move(names);
  return schema;
}

js::object list(js::object items, std::string_view description) {
  js::object schema = type("array", description);
  schema["items"] = std::move(items);
  return schema;
}

js::object reference(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

// All members are required, except those that `optional` names.
js::object object(std::string_view description, js::object properties,
                  std::initializer_list<std::string_view> optional = {}) {
  js::array required;
  for (const auto& [name, schema] : properties) {
    if (std::ranges::find(optional, std::string_view(name)) == optional.end()) required.push_back(js::string(name));
  }
  js::object schema = type("object", description);
  schema["properties"] = std::move(properties);
  schema["required"] = std::move(required);
  return schema;
}

js::object described(js::object schema, std::string_view description) {
  schema["description"] = js::string(description);
  return schema;
}

js::object problem() {
  return object("An error, as in RFC 9457.",
                {{"type", type("string", "Stable: urn:mcp-gateway:problem: and the code.")},
                 {"title", type("string")},
                 {"status", type("integer")},
                 {"detail", type("string", "What is wrong and what to do about it.")},
                 {"code", type("string", "For programs: invalid, not_found, conflict, …")},
                 {"errors", list(object("One offending member or parameter.",
                                        {{"field", type("string")}, {"message", type("string")}}),
                                 "Everything that is wrong, where members or parameters are.")}},
                {"errors"});
}

js::object instance() {
  return object(
      "One process, or the server behind a URL. While one process replaces another, an instance is listed twice.",
      {{"instance", type("integer", "Counted from 0.")},
       {"state", choice({"starting", "ready", "draining", "backoff", "failed", "stopped"}, "What it is doing.")},
       {"ready", type("boolean", "Whether it takes new sessions.")},
       {"pid", nullable("integer", "The process, while it runs.")},
       {"port", nullable("integer", "Where it listens.")},
       {"restarts", type("integer")},
       {"startedAt", nullable("string", "When the present or last process was started.")},
       {"lastError", nullable("string", "Why it last ended or failed; it stays after a restart that went well.")},
       {"endpoint", nullable("string", "Names this start of it; sessions belong to it.")}});
}

js::object condition() {
  return object("One aspect of an adapter.",
                {{"type", choice({"Ready", "Configured"},
                                 "Ready: an endpoint takes sessions. Configured: its headers "
                                 "and certificates can be used.")},
                 {"status", choice({"True", "False"}, "Whether it is so.")},
                 {"reason", type("string", "One word, for programs.")},
                 {"message", type("string", "A sentence; may be empty.")},
                 {"lastTransitionTime", time("Since when.")}});
}

js::object adapter_status() {
  return object("How an adapter is doing.",
                {{"readyReplicas", type("integer", "Endpoints that take new sessions.")},
                 {"updatedReplicas", type("integer", "Instances that run what the adapter says now.")},
                 {"availableReplicas", type("integer", "The same as readyReplicas.")},
                 {"image", type("string", "The container image; Unknown where there is none.")},
                 {"replicaStatus", type("string", "Healthy, or Degraded with figures.")},
                 {"instances", list(reference("Instance"), "Every instance.")},
                 {"conditions", list(reference("Condition"), "What holds and what does not.")}});
}

js::object config_state() {
  return object("The configuration file.",
                {{"file", nullable("string", "Null when there is none.")},
                 {"loadedAt", time("When what is in force was read.")},
                 {"needsRestart", list(type("string"), "Options that were changed and wait for a restart.")},
                 {"lastError", object("There while the file on disk is refused; what was in force before stays so.",
                                      {{"at", time("When it was refused.")},
                                       {"problems", list(type("string"), "Everything that is wrong, by line.")}})}},
                {"lastError"});
}

js::object federated_server() {
  return object("A federated server.",
                {{"name", type("string")},
                 {"state", choice({"starting", "ready", "stale", "failed"},
                                  "stale: the last attempt to list failed, and what was listed before still counts.")},
                 {"since", time("When it came into this state.")},
                 {"lastListed", nullable("string", "When it gave all of its lists last; null when it never did.")},
                 {"error", type("string", "Why the last attempt failed.")},
                 {"attempts", type("integer", "Failed ones since the last success.")},
                 {"dialect", choice({"modern", "legacy", "sse"}, "How it speaks.")},
                 {"version", type("string", "The protocol revision.")},
                 {"listening", type("boolean", "It tells of changes; else they are seen by asking now and then.")},
                 {"tools", type("integer")},
                 {"prompts", type("integer")},
                 {"resources", type("integer")},
                 {"resourceTemplates", type("integer")}},
                {"error", "attempts", "dialect", "version"});
}

js::object hidden_item() {
  return object("Something of a server that is not offered.",
                {{"server", type("string")},
                 {"kind", choice({"tool", "prompt", "resource", "resourceTemplate"}, "What it is.")},
                 {"name", type("string", "As its server calls it.")},
                 {"why", choice({"conflict", "override", "quarantined", "invalid"}, "The reason in a word.")},
                 {"detail", type("string", "The reason in a sentence.")},
                 {"hash", type("string", "Of the definition that waits for an approval.")}},
                {"hash"});
}

js::object federation_status() {
  js::object items = object("How many are offered.", {{"tools", type("integer")},
                                                      {"prompts", type("integer")},
                                                      {"resources", type("integer")},
                                                      {"resourceTemplates", type("integer")}});
  js::object router = object("A router behind this gateway.",
                             {{"url", type("string")},
                              {"state", choice({"reachable", "unreachable"}, "When it was last asked.")},
                              {"since", time("Of that state.")},
                              {"error", type("string", "Why it cannot be reached.")}},
                             {"error"});
  return object("What is under /mcp. A gateway in front of routers knows of them only.",
                {{"role", choice({"both", "gateway", "router"}, "What this process does about /mcp.")},
                 {"routers", list(std::move(router), "Who answers /mcp instead.")},
                 {"generation", type("integer", "Grows with each change.")},
                 {"merging", type("boolean", "Whether something was listed that clients do not see yet.")},
                 {"items", std::move(items)},
                 {"estimatedTokens", type("integer", "Of a model that is given all tools.")},
                 {"servers", list(federated_server(), "In the order in which they keep their names.")},
                 {"hidden", list(hidden_item(), "What is not offered, and why.")}},
                {"routers", "generation", "merging", "items", "estimatedTokens", "servers", "hidden"});
}

js::object resource_in_short() {
  return object("One of them in short.",
                {{"name", type("string")},
                 {"origin", choice({"api", "file"}, "Where it was declared.")},
                 {"state", choice({"ready", "degraded", "unavailable", "disabled", "unreachable"},
                                  "How it is doing. unreachable: a registered tool whose last call got no answer.")},
                 {"reason", type("string", "Why it takes no sessions or calls.")},
                 {"since", time("Of a registered tool: its first call without an answer.")},
                 {"attempts", type("integer", "Calls since then, the first included.")},
                 {"error", type("string", "Why the last of them got no answer.")}},
                {"reason", "since", "attempts", "error"});
}

js::object gateway_status() {
  const auto all = [entry = resource_in_short()](std::string_view description) {
    return object(description,
                  {{"total", type("integer")},
                   {"ready", type("integer", "Those with an endpoint that takes sessions or calls.")},
                   {"shadowed", list(type("string"), "Those in the store whose name the configuration file uses.")},
                   {"list", list(entry, "By name.")}});
  };
  js::object issuer =
      object("An issuer of tokens.", {{"issuer", type("string")},
                                      {"jwksUri", nullable("string", "Where its keys are; null until that is known.")},
                                      {"keys", list(type("string"), "Ids of the keys that count now.")},
                                      {"fetchedAt", nullable("string", "When these were fetched.")},
                                      {"problem", nullable("string", "Why the last attempt to fetch them failed.")}});
  js::object counters = type("object", "Figures of the data plane.");
  counters["additionalProperties"] = type("integer");
  return object("How the gateway is doing.",
                {{"version", type("string")},
                 {"state", choice({"starting", "serving", "draining"}, "What it is doing.")},
                 {"startedAt", time("When it was started.")},
                 {"uptimeSeconds", type("integer")},
                 {"config", config_state()},
                 {"adapters", all("All adapters.")},
                 {"tools", all("All registered tools.")},
                 {"issuers", list(std::move(issuer), "Whose tokens are accepted.")},
                 {"federation", federation_status()},
                 {"counters", std::move(counters)}},
                {"federation"});
}

js::object api_key(bool made) {
  js::object members{{"id", type("string", "Names the key; its user is key:<id>.")},
                     {"name", type("string", "What it is for.")},
                     {"roles", list(type("string"), "What its user may be.")},
                     {"createdBy", type("string", "Who made it.")},
                     {"createdAt", time("When.")},
                     {"expiresAt", nullable("string", "Until when it counts; null: until it is revoked.")}};
  if (made) members["key"] = type("string", "The key itself, shown only here.");
  return object("An API key.", std::move(members));
}

js::object secret() {
  return object("What may be known of a secret.", {{"name", type("string")},
                                                   {"createdAt", time("When it was first set.")},
                                                   {"lastUpdatedAt", time("When it was last set.")}});
}

js::object item_kind() {
  return choice({"tool", "prompt", "resource", "resourceTemplate"}, "What it is.");
}

js::object catalogue_item() {
  return object("What clients of /mcp are offered.",
                {{"kind", item_kind()},
                 {"name", type("string", "As clients know it: name, uri or uriTemplate.")},
                 {"server", type("string", "The adapter.")},
                 {"upstreamName", type("string", "What the server calls it.")},
                 {"title", type("string", "May be empty.")},
                 {"description", type("string", "As clients see it; may be empty.")},
                 {"hash", type("string", "SHA-256 of the definition that the server sent.")},
                 {"estimatedTokens", type("integer", "What it takes of a model's context, about.")},
                 {"tags", list(type("string"), "Of the adapter.")}});
}

js::object hidden_definition() {
  const auto definition = [](std::string_view description) {
    return js::object{{"type", {"object", "null"}}, {"description", js::string(description)}};
  };
  return object("What a server has and /mcp does not offer.",
                {{"kind", item_kind()},
                 {"server", type("string", "The adapter.")},
                 {"upstreamName", type("string", "What the server calls it; of invalid items maybe its position.")},
                 {"why", choice({"conflict", "override", "quarantined", "invalid"}, "Why it is hidden.")},
                 {"detail", type("string", "The same as a sentence.")},
                 {"hash", type("string", "Quarantined: of the definition that waits. An approval names it.")},
                 {"approvedHash", nullable("string", "Quarantined: of what was approved last; null when nothing was.")},
                 {"approved", definition("Quarantined: the definition that was approved last.")},
                 {"present", definition("Quarantined: the definition that waits.")}},
                {"hash", "approvedHash", "approved", "present"});
}

js::object approvals() {
  js::object approval =
      object("A definition that counts.",
             {{"kind", item_kind()},
              {"name", type("string", "What the server calls it.")},
              {"hash", type("string", "SHA-256 of the definition.")},
              {"approvedBy", nullable("string", "Who approved it; null: the server had it when it was pinned.")},
              {"approvedAt", time("When.")}});
  js::object waiting =
      object("A definition that is hidden until somebody approves it.",
             {{"kind", item_kind()},
              {"name", type("string", "What the server calls it.")},
              {"hash", type("string", "SHA-256 of the definition.")},
              {"change", choice({"new", "changed"}, "Whether one of that name was approved before.")}});
  return object("What of a pinned adapter is approved and what is not.",
                {{"pinned", type("boolean", "Whether it is pinned; else nothing is here.")},
                 {"approved", list(std::move(approval), "By kind and name, also what the server has no more.")},
                 {"waiting", list(std::move(waiting), "In the order of the server.")}});
}

js::object caller() {
  return object(
      "Who the gateway takes the caller for.",
      {{"method", choice({"none", "token", "api_key", "trusted_header", "development"}, "How that is known.")},
       {"user", nullable("string", "Unique over all methods; owners are compared by it.")},
       {"name", nullable("string", "For people.")},
       {"issuer", nullable("string", "Of the token.")},
       {"clientId", nullable("string", "The application that the token was given to.")},
       {"apiKey", nullable("string", "The id of the API key.")},
       {"roles", list(type("string"), "What the caller may be.")},
       {"groups", list(type("string"), "Where the caller belongs.")},
       {"scopes", list(type("string"), "What the token is for.")},
       {"expiresAt", nullable("string", "Until when this is true.")},
       {"administrator", type("boolean", "Whether the caller has the administrators' role.")}});
}

js::object explanation() {
  js::object roles =
      object("The role rules.", {{"mayUse", type("boolean", "Whether they let the caller use the adapter.")},
                                 {"because", type("string", "Why, as a sentence.")}});
  js::object step = object("One rule of the policy.",
                           {{"rule", type("string", "Its name.")},
                            {"effect", choice({"allow", "deny", "require"}, "What it does where it applies.")},
                            {"outcome", choice({"applies", "may_apply", "does_not_apply"}, "Whether it does here.")},
                            {"because", type("string", "Why, as a sentence.")}});
  js::object policy = object("The policy, whatever the role rules say.",
                             {{"decision", choice({"allow", "deny", "need_scopes"}, "What it decides.")},
                              {"rule", nullable("string", "The rule that decided; null for the default.")},
                              {"scopes", list(type("string"), "All that the operation needs.")},
                              {"rules", list(std::move(step), "Every rule, in the order of the file.")}});
  return object("Whether somebody may do something, and why.",
                {{"decision", choice({"allow", "deny", "need_scopes"}, "What happens.")},
                 {"decidedBy", choice({"roles", "policy"}, "What decided.")},
                 {"roles", std::move(roles)},
                 {"policy", std::move(policy)}});
}

}  // namespace

js::object openapi_schemas() {
  js::object links = type("object", "Where to go from here.");
  links["additionalProperties"] = type("string");
  return {{"Adapter", described(model::resource_schema(model::adapter_object()), "A registered MCP server.")},
          {"AdapterInput", described(model::request_schema(model::adapter_object()),
                                     "A server to register. It has exactly one source: url, command, or imageName with "
                                     "imageVersion.")},
          {"Tool", described(model::resource_schema(model::tool_object()), "A registered tool.")},
          {"ToolInput", described(model::request_schema(model::tool_object()),
                                  "A tool to register. It has exactly one source: url, command, or imageName with "
                                  "imageVersion, called by plain HTTP.")},
          {"AdapterStatus", adapter_status()},
          {"Approvals", approvals()},
          {"ApprovalInput", described(ApprovalsApi::request_schema(), "Definitions to approve.")},
          {"CatalogueItem", catalogue_item()},
          {"HiddenItem", hidden_definition()},
          {"ApiKey", api_key(false)},
          {"ApiKeyInput", described(KeysApi::request_schema(), "An API key to make.")},
          {"NewApiKey", api_key(true)},
          {"Secret", secret()},
          {"SecretInput", described(SecretsApi::request_schema(), "A secret to keep.")},
          {"Caller", caller()},
          {"PolicyQuestion", described(AccessApi::question_schema(), "Who wants to do what.")},
          {"PolicyExplanation", explanation()},
          {"Instance", instance()},
          {"Condition", condition()},
          {"GatewayStatus", gateway_status()},
          {"Readiness", object("Whether the gateway takes traffic.",
                               {{"ready", type("boolean")}, {"reasons", list(type("string"), "Why it does not.")}})},
          {"Liveness", object("The process is alive.", {{"status", choice({"ok"}, "Always.")}})},
          {"Index", object("What there is.", {{"name", type("string")},
                                              {"version", type("string")},
                                              {"mcp", type("string", "The path of an adapter's MCP endpoint.")},
                                              {"links", std::move(links)}})},
          {"Problem", problem()}};
}

}  // namespace gw::control
