#include "model/adapter_document.h"

#include <array>

#include <fmt/core.h>

#include "model/tool_document.h"

namespace gw::model {
namespace {

using namespace std::chrono_literals;
using schema::boolean;
using schema::choice;
using schema::duration;
using schema::Object;
using schema::optional;
using schema::size;
using schema::small_count;
using schema::text;
using schema::text_map;
using schema::texts;

Object<AdapterLimits> limits_object() {
  constexpr Duration week = 7 * 24h;
  Object<AdapterLimits> limits;
  limits
      .field("connectTimeout", &AdapterLimits::connect_timeout, duration(0s, 10min),
             "How long connecting to the server may take.")
      .field("responseTimeout", &AdapterLimits::response_timeout, duration(0s, week),
             "How long the server may take from the end of a request to the head of its response. 0 means no limit.")
      .field("idleTimeout", &AdapterLimits::idle_timeout, duration(0s, week),
             "A session of a stdio server that is unused this long is ended. 0 means never.")
      .field("maxSessions", &AdapterLimits::max_sessions, small_count(0, 100'000),
             "Child processes of a stdio server at once, per replica. 0 means no limit.")
      .field("callTimeout", &AdapterLimits::call_timeout, duration(0s, week),
             "How long a POST may take from its first byte to the end of its answer. 0 means no limit; calls on /mcp "
             "end after an hour then.")
      .field("maxBodyBytes", &AdapterLimits::max_body_bytes, size(0, 64ull << 30),
             "The longest body of a request, where `http.maxBodyBytes` allows more. 0 means that limit.")
      .field("maxDepth", &AdapterLimits::max_depth, small_count(0, 128),
             "The deepest nesting of a message. 0 means 128. Messages are looked at only where rules ask for it.");
  return limits;
}

// Members that are taken back unread, so that what was read can be sent again.
void ignore_what_the_gateway_writes(Object<AdapterDocument>& object) {
  for (const char* name : {"id", "createdBy", "createdAt", "lastUpdatedAt", "origin"}) object.ignore(name);
}

Object<AdapterDocument> make_object() {
  using D = AdapterDocument;
  Object<D> adapter;
  adapter
      .field("name", &D::name, text(),
             "Names the server in URLs: 1 to 63 lower-case letters, digits and dashes, without a dash at either end.",
             {.required = true})
      .field("imageName", &D::image_name, optional(text()), "Source: a container image, without a tag.")
      .field("imageVersion", &D::image_version, optional(text()), "The image's tag.")
      .field("environmentVariables", &D::environment, text_map("variable"),
             "Environment of the process or container. Values may hold references: `${env:NAME}`, `${file:/path}` and "
             "`${secret:NAME}`.")
      .field("replicaCount", &D::replica_count, small_count(0, 100),
             "How many instances to run. A URL always counts as one.")
      .field("description", &D::description, text(), "What the server is for.")
      .field("useWorkloadIdentity", &D::use_workload_identity, boolean(),
             "Run containers with the platform's workload identity.")
      .field("requiredRoles", &D::required_roles, texts(),
             "Roles of which a caller needs one; `*` is everybody who is authenticated. Without any, only the creator "
             "and administrators may use the server.")
      .field("url", &D::url, optional(text()), "Source: the address of a running server, http or https.")
      .field("headers", &D::headers, text_map("header"),
             "Sent with every request to `url`. Values may hold references: `${env:NAME}`, `${file:/path}` and "
             "`${secret:NAME}`.")
      .field("hostname", &D::hostname, optional(text()), "Sent as Host instead of the authority of `url`.")
      .field("caFile", &D::ca_file, optional(text()),
             "PEM file of the authorities that may sign the certificate of `url`, instead of the system's.")
      .field("caCert", &D::ca_cert, optional(text()), "The same as PEM text.")
      .field("command", &D::command, optional(text()), "Source: a program to run, without a shell.")
      .field("args", &D::args, texts(), "Its arguments.")
      .field("cwd", &D::cwd, optional(text()),
             "Its working directory, an absolute path (in a file also one that starts at the file's folder). Without "
             "it the "
             "process gets a private one.")
      .field("path", &D::path, optional(text()),
             "For a command with transport http: where on its port the MCP endpoint is. Without it `/mcp`.")
      .field(
          "transport", &D::transport,
          optional(
              choice<Transport>({{"http", Transport::http}, {"sse", Transport::sse}, {"stdio", Transport::stdio}})),
          "How the server speaks. For `url`: http (default) or sse. For `command`: stdio (default) or http, where the "
          "gateway hands out a port in the variable PORT, and as ${port} in arguments and variables.")
      .field("session", &D::session,
             choice<StdioSharing>({{"per-session", StdioSharing::per_session}, {"shared", StdioSharing::shared}}),
             "For stdio: a child process for each MCP session, or one that all sessions of a replica share.")
      .field("enabled", &D::enabled, boolean(), "A disabled server is kept but not run and not reachable.")
      .field("federated", &D::federated, boolean(), "Offer what the server has under `/mcp`, too.")
      .field(
          "pinned", &D::pinned, boolean(),
          "Under `/mcp`, tools, prompts and resources that are new or differ from what was approved are hidden until "
          "somebody approves them. What the server has when it is pinned counts as approved.")
      .field("sessionSharing", &D::session_sharing,
             choice<SessionSharing>({{"principal", SessionSharing::principal}, {"client", SessionSharing::client}}),
             "Whose calls under `/mcp` share a session on the server: those of one principal, or of one client's "
             "session only.")
      .field("toolPrefix", &D::tool_prefix, text(),
             "Put before the names of its tools where many servers are shown as one.")
      .field("category", &D::category, texts(), "Categories for whoever chooses among servers.")
      .field("hint", &D::hint, text(), "When to use the server, for whoever chooses among servers.")
      .field("forwardedIdentity", &D::forwarded_identity,
             choice<ForwardedIdentity>({{"none", ForwardedIdentity::none},
                                        {"headers", ForwardedIdentity::headers},
                                        {"token", ForwardedIdentity::token}}),
             "What the server learns of the caller: nothing, X-Mcp-UserId, X-Mcp-UserName and X-Mcp-Roles, or also "
             "X-Mcp-Identity, a token that the gateway signs.")
      .field("tags", &D::tags, texts(), "Free words for whoever chooses among servers.")
      .field("limits", &D::limits, limits_object().type(), "Time-outs and bounds.");
  ignore_what_the_gateway_writes(adapter);
  return adapter;
}

// After this member the established API has what a tool is.
constexpr std::string_view before_definition = "requiredRoles";

struct Refused {
  std::string_view member;
  std::string_view why;
};
constexpr std::array not_of_tools{
    Refused{"path", "a tool's path is 'toolDefinition.path'"},
    Refused{"transport", "a tool is always called by plain HTTP; leave 'transport' out"},
    Refused{"session", "a tool has no sessions; 'session' is for adapters that speak stdio"},
    Refused{"sessionSharing", "a tool has no sessions; 'sessionSharing' is for adapters"},
    Refused{"pinned", "a tool changes only when its resource is changed here; 'pinned' is for adapters"},
    Refused{"toolPrefix", "a tool is offered under its own name; 'toolPrefix' is for adapters"},
};

Object<AdapterDocument> make_tool_object() {
  Object<AdapterDocument> tool;
  for (const auto& refused : not_of_tools) tool.refuse(std::string(refused.member), std::string(refused.why));
  for (schema::Field field : adapter_object().table().fields()) {
    if (std::ranges::find(not_of_tools, field.name, &Refused::member) != not_of_tools.end()) continue;
    const bool definition_follows = field.name == before_definition;
    tool.take(std::move(field));
    if (!definition_follows) continue;
    tool.field("toolDefinition", &AdapterDocument::tool, optional(tool_spec_object().type()),
               "What clients see of the tool, and how it is called.", {.required = true});
  }
  ignore_what_the_gateway_writes(tool);
  return tool;
}

// Complains about members of `document` whose source is not there.
class SourceCheck {
 public:
  explicit SourceCheck(std::vector<schema::Problem>& problems) : problems_(problems) {}
  void needs(std::string_view source, bool present, std::string_view member, bool given) {
    if (given && !present) {
      problems_.push_back({std::string(member), fmt::format("'{}' is only for servers with '{}'", member, source), {}});
    }
  }

 private:
  std::vector<schema::Problem>& problems_;
};

void check_sources(const AdapterDocument& d, std::vector<schema::Problem>& problems) {
  SourceCheck check(problems);
  const bool has_url = d.url.has_value();
  check.needs("url", has_url, "headers", !d.headers.empty());
  check.needs("url", has_url, "hostname", d.hostname.has_value());
  check.needs("url", has_url, "caFile", d.ca_file.has_value());
  check.needs("url", has_url, "caCert", d.ca_cert.has_value());
  const bool has_command = d.command.has_value();
  check.needs("command", has_command, "args", !d.args.empty());
  check.needs("command", has_command, "cwd", d.cwd.has_value());
  check.needs("command", has_command, "path", d.path.has_value());
  check.needs("imageName", d.image_name.has_value(), "imageVersion", d.image_version.has_value());
}

Transport default_transport(const AdapterDocument& d) {
  return d.command && !d.tool ? Transport::stdio : Transport::http;
}

std::optional<std::string> unless_empty(const std::string& value) {
  if (value.empty()) return {};
  return value;
}

}  // namespace

const schema::Object<AdapterDocument>& adapter_object() {
  static const auto object = make_object();
  return object;
}

const schema::Object<AdapterDocument>& tool_object() {
  static const auto object = make_tool_object();
  return object;
}

AdapterSpec to_spec(AdapterDocument d, std::vector<schema::Problem>& problems) {
  check_sources(d, problems);
  AdapterSpec spec;
  spec.transport = d.transport.value_or(default_transport(d));
  if (d.url) {
    spec.url = UrlSource{.url = *std::move(d.url),
                         .headers = std::move(d.headers),
                         .hostname = d.hostname.value_or(""),
                         .ca_file = d.ca_file.value_or(""),
                         .ca_cert = d.ca_cert.value_or("")};
  }
  if (d.command) {
    spec.command = CommandSource{.command = *std::move(d.command),
                                 .args = std::move(d.args),
                                 .cwd = d.cwd.value_or(""),
                                 .path = d.path.value_or("/mcp")};
  }
  if (d.image_name) {
    spec.image = ImageSource{.name = *std::move(d.image_name), .version = d.image_version.value_or("")};
  }
  spec.name = std::move(d.name);
  spec.description = std::move(d.description);
  spec.enabled = d.enabled;
  spec.sharing = d.session;
  spec.environment = std::move(d.environment);
  spec.replica_count = d.replica_count;
  spec.required_roles = std::move(d.required_roles);
  spec.tool = std::move(d.tool);
  spec.use_workload_identity = d.use_workload_identity;
  spec.forwarded_identity = d.forwarded_identity;
  spec.federated = d.federated;
  spec.pinned = d.pinned;
  spec.session_sharing = d.session_sharing;
  spec.tool_prefix = std::move(d.tool_prefix);
  spec.categories = std::move(d.category);
  spec.hint = std::move(d.hint);
  spec.tags = std::move(d.tags);
  spec.limits = d.limits;
  return spec;
}

AdapterDocument to_document(const AdapterSpec& spec) {
  AdapterDocument d;
  if (spec.url) {
    d.url = spec.url->url;
    d.headers = spec.url->headers;
    d.hostname = unless_empty(spec.url->hostname);
    d.ca_file = unless_empty(spec.url->ca_file);
    d.ca_cert = unless_empty(spec.url->ca_cert);
  }
  if (spec.command) {
    d.command = spec.command->command;
    d.args = spec.command->args;
    d.cwd = unless_empty(spec.command->cwd);
    d.path = spec.command->path;
  }
  if (spec.image) {
    d.image_name = spec.image->name;
    d.image_version = spec.image->version;
  }
  d.name = spec.name;
  d.description = spec.description;
  d.enabled = spec.enabled;
  d.transport = spec.transport;
  d.session = spec.sharing;
  d.environment = spec.environment;
  d.replica_count = spec.replica_count;
  d.required_roles = spec.required_roles;
  d.tool = spec.tool;
  d.use_workload_identity = spec.use_workload_identity;
  d.forwarded_identity = spec.forwarded_identity;
  d.federated = spec.federated;
  d.pinned = spec.pinned;
  d.session_sharing = spec.session_sharing;
  d.tool_prefix = spec.tool_prefix;
  d.category = spec.categories;
  d.hint = spec.hint;
  d.tags = spec.tags;
  d.limits = spec.limits;
  return d;
}

std::string_view noun_of(const AdapterSpec& spec) {
  return spec.tool ? "tool" : "adapter";
}

std::string_view to_string(Transport transport) {
  switch (transport) {
    case Transport::http: return "http";
    case Transport::sse: return "sse";
    case Transport::stdio: return "stdio";
  }
  return "unknown";
}

std::string_view to_string(Origin origin) {
  return origin == Origin::api ? "api" : "file";
}

}  // namespace gw::model
