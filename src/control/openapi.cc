#include "control/openapi.h"

#include <boost/json.hpp>

#include "base/strings.h"
#include "control/openapi_schemas.h"
#include "json/json.h"

namespace gw::control {
namespace {

namespace js = boost::json;
using http::Method;

js::object reference(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + '/' + std::string(name)}};
}

js::object content(std::string_view media_type, js::object schema) {
  return {{js::string(media_type), {{"schema", std::move(schema)}}}};
}

js::object json_of(std::string_view schema) {
  return content("application/json", reference("schemas", schema));
}

// The operations of one path item, built up call by call.
class Operation {
 public:
  Operation(std::string_view id, std::string_view tag, std::string_view summary) {
    object_ = {{"operationId", js::string(id)}, {"tags", {js::string(tag)}}, {"summary", js::string(summary)}};
  }

  Operation&& parameter(std::string_view name) && {
    if (!object_.contains("parameters")) object_["parameters"] = js::array();
    object_["parameters"].as_array().push_back(reference("parameters", name));
    return std::move(*this);
  }
  Operation&& body(std::string_view schema) && {
    object_["requestBody"] = {{"required", true}, {"content", json_of(schema)}};
    return std::move(*this);
  }
  // Without `content` the answer has no body; `headers` name components.
  Operation&& answers(int status, std::string_view description, js::object content = {},
                      std::initializer_list<std::string_view> headers = {}) && {
    js::object response{{"description", js::string(description)}};
    if (!content.empty()) response["content"] = std::move(content);
    for (const std::string_view header : headers) {
      if (!response.contains("headers")) response["headers"] = js::object();
      response["headers"].as_object()[header] = reference("headers", header);
    }
    responses_[std::to_string(status)] = std::move(response);
    return std::move(*this);
  }
  Operation&& problem(int status, std::string_view description) && {
    return std::move(*this).answers(status, description, content_of_problem());
  }
  // Every operation may also answer with a problem that none of its own answers name, such as 503.
  js::object done() && {
    responses_["default"] = {{"description", "The gateway cannot answer now, or the request is malformed."},
                             {"content", content_of_problem()}};
    object_["responses"] = std::move(responses_);
    return std::move(object_);
  }

 private:
  static js::object content_of_problem() {
    return content("application/problem+json", reference("schemas", "Problem"));
  }

  js::object object_;
  js::object responses_;
};

js::object text_schema() {
  return {{"type", "string"}};
}

// How the operations of a collection speak of what it holds.
struct Words {
  std::string collection;  // "adapters"
  std::string one;         // "adapter"
  std::string an;          // "an adapter"
  std::string schema;      // "Adapter": of answers; with "Input", of bodies.
  std::string creates;
};

Operation operation_on(const Words& words, std::string_view verb, std::string_view summary,
                       std::string_view object = {}) {
  return {std::string(verb) + words.schema + std::string(object), words.collection, summary};
}

js::object collection_item(const Words& w) {
  js::object page{{"type", "array"}, {"items", reference("schemas", w.schema)}};
  return {{"get",
           Operation("list" + w.schema + 's', w.collection,
                     "Lists the " + w.collection + " that the caller may use, by name.")
               .parameter("limit")
               .parameter("after")
               .answers(200, "A page of " + w.collection + '.', content("application/json", std::move(page)), {"Link"})
               .problem(400, "A parameter is not valid.")
               .done()},
          {"post", operation_on(w, "create", w.creates)
                       .body(w.schema + "Input")
                       .answers(201, "It was created.", json_of(w.schema), {"Location", "ETag"})
                       .problem(400, "The body is not a valid " + w.one + "; 'errors' names every offending member.")
                       .problem(403, "The caller may not declare what this " + w.one + " asks for.")
                       .problem(409, "The name is taken, by an adapter or a tool.")
                       .problem(413, "The body is too large.")
                       .problem(415, "The body is not JSON.")
                       .done()}};
}

js::object resource_item(const Words& w) {
  const std::string absent = "There is no such " + w.one + '.';
  return {{"parameters", {reference("parameters", "name")}},
          {"get", operation_on(w, "get", "Reads " + w.an + '.')
                      .parameter("ifNoneMatch")
                      .answers(200, "The " + w.one + '.', json_of(w.schema), {"ETag"})
                      .answers(304, "It is the state that the caller knows.", {}, {"ETag"})
                      .problem(404, absent)
                      .done()},
          {"put", operation_on(w, "replace",
                               "Replaces everything about " + w.an + "; what is left out returns to its default.")
                      .parameter("ifMatch")
                      .body(w.schema + "Input")
                      .answers(200, "It was replaced.", json_of(w.schema), {"ETag"})
                      .problem(400, "The body is not a valid " + w.one + ", or names another one.")
                      .problem(403, "Only its creator and administrators may change it.")
                      .problem(404, absent)
                      .problem(409, "It comes from the configuration file, where it must be changed.")
                      .problem(412, "It has changed since it was read.")
                      .problem(413, "The body is too large.")
                      .problem(415, "The body is not JSON.")
                      .done()},
          {"delete", operation_on(w, "delete", "Removes " + w.an + " and stops its processes.")
                         .parameter("ifMatch")
                         .answers(204, "It is gone.")
                         .problem(403, "Only its creator and administrators may remove it.")
                         .problem(404, "There is no such " + w.one + ", or none that the caller may see.")
                         .problem(409, "It comes from the configuration file, where it must be removed.")
                         .problem(412, "It has changed since it was read.")
                         .done()}};
}

js::object status_item(const Words& w) {
  return {{"parameters", {reference("parameters", "name")}},
          {"get", operation_on(w, "get", "Tells how " + w.an + " and its instances are doing.", "Status")
                      .answers(200, "The status.", json_of("AdapterStatus"))
                      .problem(404, "There is no such " + w.one + '.')
                      .done()}};
}

js::object logs_item(const Words& w) {
  js::object log_content = content("text/plain", text_schema());
  log_content["application/json"] = {{"schema", text_schema()}};
  return {
      {"parameters", {reference("parameters", "name")}},
      {"get",
       operation_on(w, "get", "What an instance wrote, as text, or as a JSON string for who accepts only that.", "Logs")
           .parameter("instance")
           .parameter("tail")
           .parameter("since")
           .parameter("timestamps")
           .parameter("follow")
           .answers(200, "Lines, the oldest first.", std::move(log_content))
           .problem(400, "A parameter is not valid.")
           .problem(404, "There is no such " + w.one + " or instance, or it runs elsewhere.")
           .done()}};
}

js::object resource_paths(const Words& w) {
  const std::string one = '/' + w.collection + "/{name}";
  return {{'/' + w.collection, collection_item(w)},
          {one, resource_item(w)},
          {one + "/status", status_item(w)},
          {one + "/logs", logs_item(w)}};
}

js::object adapters_paths() {
  return resource_paths({.collection = "adapters",
                         .one = "adapter",
                         .an = "an adapter",
                         .schema = "Adapter",
                         .creates = "Registers an MCP server and starts it."});
}

js::object tools_paths() {
  return resource_paths({.collection = "tools",
                         .one = "tool",
                         .an = "a tool",
                         .schema = "Tool",
                         .creates = "Registers a tool and starts what serves it."});
}

js::object approvals_path() {
  return {{"parameters", {reference("parameters", "name")}},
          {"get",
           Operation("getApprovals", "catalogue", "What of a pinned adapter is approved, and what waits for approval.")
               .answers(200, "The approvals.", json_of("Approvals"))
               .problem(404, "There is no such adapter.")
               .done()},
          {"post", Operation("approve", "catalogue",
                             "Approves definitions of a pinned adapter, also of one of the configuration file.")
                       .body("ApprovalInput")
                       .answers(200, "They are approved.", json_of("Approvals"))
                       .problem(400, "The body is not valid.")
                       .problem(403, "Only its creator and administrators may approve.")
                       .problem(404, "There is no such adapter.")
                       .problem(409,
                                "The adapter is not pinned, or 'errors' names definitions that are others now: "
                                "nothing was approved.")
                       .problem(413, "The body is too large.")
                       .problem(415, "The body is not JSON.")
                       .done()}};
}

js::object catalogue_list(std::string_view id, std::string_view summary, std::string_view schema) {
  js::object list{{"type", "array"}, {"items", reference("schemas", schema)}};
  return {{"get", Operation(id, "catalogue", summary)
                      .parameter("kind")
                      .parameter("server")
                      .parameter("q")
                      .parameter("limit")
                      .parameter("afterItem")
                      .answers(200, "A page.", content("application/json", std::move(list)), {"Link"})
                      .problem(400, "A parameter is not valid.")
                      .done()}};
}

js::object catalogue_paths() {
  return {{"/catalogue", catalogue_list("listCatalogue",
                                        "Lists what /mcp offers of the servers that the caller may read, by kind and "
                                        "name.",
                                        "CatalogueItem")},
          {"/catalogue/hidden", catalogue_list("listHidden",
                                               "Lists what these servers have and /mcp does not offer, by server and "
                                               "kind, and why.",
                                               "HiddenItem")},
          {"/adapters/{name}/approvals", approvals_path()}};
}

js::object keys_paths() {
  js::object keys{{"type", "array"}, {"items", reference("schemas", "ApiKey")}};
  js::object collection{
      {"get", Operation("listKeys", "access", "Lists the caller's API keys; to administrators, all. The latest first.")
                  .answers(200, "The keys, without what they are.", content("application/json", std::move(keys)))
                  .done()},
      {"post", Operation("createKey", "access", "Makes an API key. It is shown in this answer and never again.")
                   .body("ApiKeyInput")
                   .answers(201, "It was made.", json_of("NewApiKey"), {"Location"})
                   .problem(400, "The body is not valid; 'errors' names every offending member.")
                   .problem(403, "The key would have a role or a life time that the caller has not.")
                   .problem(409, "There are too many keys.")
                   .done()}};
  js::object one{{"parameters", {reference("parameters", "id")}},
                 {"get", Operation("getKey", "access", "Reads what is known of an API key.")
                             .answers(200, "The key, without what it is.", json_of("ApiKey"))
                             .problem(404, "There is no such key, or it is somebody else's.")
                             .done()},
                 {"delete", Operation("revokeKey", "access", "Revokes an API key.")
                                .answers(204, "It counts no more.")
                                .problem(404, "There is no such key, or it is somebody else's.")
                                .done()}};
  return {{"/keys", std::move(collection)}, {"/keys/{id}", std::move(one)}};
}

js::object secrets_paths() {
  js::object secrets{{"type", "array"}, {"items", reference("schemas", "Secret")}};
  return {{"/secrets",
           {{"get", Operation("listSecrets", "access", "Lists the names of secrets. For administrators.")
                        .answers(200, "Names and times.", content("application/json", std::move(secrets)))
                        .problem(403, "The caller is no administrator.")
                        .done()}}},
          {"/secrets/{name}",
           {{"parameters", {reference("parameters", "secret")}},
            {"put", Operation("setSecret", "access", "Creates or replaces a secret. For administrators.")
                        .body("SecretInput")
                        .answers(200, "It was replaced.", json_of("Secret"))
                        .answers(201, "It was created.", json_of("Secret"))
                        .problem(400, "The name or the value is not valid.")
                        .problem(403, "The caller is no administrator.")
                        .problem(413, "The value is too large.")
                        .done()},
            {"delete", Operation("removeSecret", "access", "Removes a secret. For administrators.")
                           .answers(204, "It is gone.")
                           .problem(403, "The caller is no administrator.")
                           .problem(404, "There is no such secret.")
                           .done()}}}};
}

js::object access_paths() {
  js::object paths{{"/whoami",
                    {{"get", Operation("whoami", "access", "Says who the gateway takes the caller for.")
                                 .answers(200, "The caller.", json_of("Caller"))
                                 .done()}}},
                   {"/policy/explain",
                    {{"post", Operation("explainPolicy", "access",
                                        "Whether somebody may do something, and which rules say so. For "
                                        "administrators.")
                                  .body("PolicyQuestion")
                                  .answers(200, "The decision and every rule.", json_of("PolicyExplanation"))
                                  .problem(400, "The question is not valid.")
                                  .problem(403, "The caller is no administrator.")
                                  .problem(404, "There is no such adapter.")
                                  .done()}}}};
  for (js::object part : {keys_paths(), secrets_paths()}) {
    for (auto& [path, item] : part) paths[path] = std::move(item);
  }
  return paths;
}

js::object get_only(Operation&& operation) {
  return {{"get", std::move(operation).done()}};
}

js::object operation_paths() {
  return {
      {"/",
       get_only(Operation("index", "operation", "Names what there is.").answers(200, "The index.", json_of("Index")))},
      {"/ping", get_only(Operation("ping", "operation", "Answers at once.").answers(200, "Nothing but a status."))},
      {"/healthz", get_only(Operation("liveness", "operation", "Whether the process is alive.")
                                .answers(200, "It is.", json_of("Liveness")))},
      {"/readyz",
       get_only(Operation("readiness", "operation", "Whether the gateway should get traffic.")
                    .answers(200, "It should.", json_of("Readiness"))
                    .answers(503, "It should not: it starts, drains, or its store fails.", json_of("Readiness")))},
      {"/status", get_only(Operation("gatewayStatus", "operation",
                                     "How the gateway, its adapters and its tools are doing. For "
                                     "administrators.")
                               .answers(200, "The status.", json_of("GatewayStatus"))
                               .problem(403, "The caller is no administrator."))},
      {"/metrics", get_only(Operation("metrics", "operation",
                                      "Metrics in the text format of Prometheus. For "
                                      "administrators.")
                                .answers(200, "The metrics.", content("text/plain", text_schema()))
                                .problem(403, "The caller is no administrator."))},
      {"/openapi.json",
       get_only(Operation("openapi", "operation", "This document.")
                    .answers(200, "The document.", content("application/json", {{"type", "object"}})))}};
}

// The data plane: what the Model Context Protocol says, not this document, describes its messages.
js::object mcp_paths() {
  const auto operation = [](std::string_view id, std::string_view summary) {
    return Operation(id, "mcp", summary)
        .answers(200, "What the server answered: JSON or an event stream.")
        .answers(202, "The message was taken.")
        .problem(404, "There is no such adapter, or the session has ended: initialize anew.")
        .problem(503, "No instance of the server takes sessions.")
        .done();
  };
  const js::array name{reference("parameters", "name")};
  return {{"/adapters/{name}/mcp",
           {{"parameters", name},
            {"post", operation("postMcp", "Sends MCP messages to the server (Streamable HTTP).")},
            {"get", operation("listenMcp", "Opens the stream of a session (revisions up to 2025-11-25).")},
            {"delete", operation("endMcp", "Ends a session (revisions up to 2025-11-25).")}}},
          {"/adapters/{name}/sse",
           {{"parameters", name}, {"get", operation("openSse", "Opens a session of HTTP+SSE (revision 2024-11-05).")}}},
          {"/adapters/{name}/messages",
           {{"parameters", name}, {"post", operation("postSse", "Sends a message in a session of HTTP+SSE.")}}},
          {"/mcp",
           {{"post", operation("postAll", "Sends an MCP message to all federated servers as one (Streamable HTTP).")},
            {"get", operation("listenAll", "Opens the stream of a session (revisions up to 2025-11-25).")},
            {"delete", operation("endAll", "Ends a session (revisions up to 2025-11-25).")}}},
          {"/servers/{name}/mcp",
           {{"parameters", name},
            {"post", operation("postVirtual", "Sends an MCP message to a virtual server.")},
            {"get", operation("listenVirtual", "Opens the stream of a session (revisions up to 2025-11-25).")},
            {"delete", operation("endVirtual", "Ends a session (revisions up to 2025-11-25).")}}}};
}

js::object parameter(std::string_view name, std::string_view in, std::string_view description, js::object schema) {
  return {{"name", js::string(name)},
          {"in", js::string(in)},
          {"required", in == "path"},
          {"description", js::string(description)},
          {"schema", std::move(schema)}};
}

js::object parameters() {
  return {
      {"name", parameter("name", "path", "The name of the adapter, tool or virtual server.", text_schema())},
      {"id", parameter("id", "path", "The key's id.", text_schema())},
      {"secret",
       parameter("name", "path", "The secret's name: letters, digits, dots, dashes and underscores.", text_schema())},
      {"limit", parameter("limit", "query", "How many at most.",
                          {{"type", "integer"}, {"minimum", 1}, {"maximum", 1000}, {"default", 1000}})},
      {"after",
       parameter("after", "query", "The name after which the page begins; Link names the next page.", text_schema())},
      {"kind", parameter("kind", "query", "Only this kind.",
                         {{"type", "string"}, {"enum", {"tool", "prompt", "resource", "resourceTemplate"}}})},
      {"server", parameter("server", "query", "Only of this adapter.", text_schema())},
      {"q", parameter("q", "query", "Only what has all these words in its texts.", text_schema())},
      {"afterItem", parameter("after", "query", "Where the page begins; Link names the next page.", text_schema())},
      {"ifMatch", parameter("If-Match", "header", "Change only this state, an ETag.", text_schema())},
      {"ifNoneMatch", parameter("If-None-Match", "header", "Answer 304 when this is its state.", text_schema())},
      {"instance",
       parameter("instance", "query", "Which instance.", {{"type", "integer"}, {"minimum", 0}, {"default", 0}})},
      {"tail", parameter("tail", "query", "How many lines at most, the latest.",
                         {{"type", "integer"}, {"minimum", 0}, {"maximum", 100000}, {"default", 1000}})},
      {"since", parameter("since", "query", "Only lines from this moment on (RFC 3339), or that long ago (10m).",
                          text_schema())},
      {"timestamps",
       parameter("timestamps", "query", "Begin each line with its time.", {{"type", "boolean"}, {"default", false}})},
      {"follow",
       parameter("follow", "query", "Go on with lines as they come.", {{"type", "boolean"}, {"default", false}})}};
}

js::object header(std::string_view description) {
  return {{"description", js::string(description)}, {"schema", text_schema()}};
}

js::object headers() {
  return {{"ETag", header("The state of the resource, for If-Match and If-None-Match.")},
          {"Link", header("The next page, rel=\"next\", when there is one.")},
          {"Location", header("Where the thing that was made is.")}};
}

}  // namespace

std::string openapi_text(const std::string& version) {
  js::object paths = adapters_paths();
  for (js::object part : {catalogue_paths(), tools_paths(), access_paths(), operation_paths(), mcp_paths()}) {
    for (auto& [path, item] : part) paths[path] = std::move(item);
  }
  const js::object document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "mcp-gateway"},
        {"version", version},
        {"description", "Registers, runs and watches MCP servers, and makes them reachable through one address."},
        {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}}},
      {"servers", {{{"url", "/"}}}},
      {"tags",
       {{{"name", "adapters"}, {"description", "The registered MCP servers."}},
        {{"name", "catalogue"}, {"description", "What all servers together offer under /mcp."}},
        {{"name", "tools"}, {"description", "The registered tools, which are offered under /mcp."}},
        {{"name", "access"}, {"description", "Who may do what: API keys, secrets, policy."}},
        {{"name", "operation"}, {"description", "Operating the gateway."}},
        {{"name", "mcp"}, {"description", "The MCP servers themselves."}}}},
      {"paths", std::move(paths)},
      {"components", {{"schemas", openapi_schemas()}, {"parameters", parameters()}, {"headers", headers()}}}};
  return json::to_pretty_text(document);
}

std::vector<ApiRoute> OpenApi::routes() {
  return {{Method::get, "/openapi.json", {Kind::gateway, Verb::index}, Takes::nothing, [this](Call&) -> Task<Answer> {
             co_return Answer{.status = 200, .type = "application/json", .body = text_};
           }}};
}

}  // namespace gw::control
