// An adapter or tool as documents write it: one flat object whose members belong to one source or another. The REST API
// and the configuration file share its fields; each arranges them in tables of its own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/adapter.h"
#include "schema/table.h"

namespace gw::model {

struct AdapterDocument {
  std::string name;
  std::optional<std::string> image_name;
  std::optional<std::string> image_version;
  std::map<std::string, std::string> environment;
  std::uint32_t replica_count = 1;
  std::string description;
  bool use_workload_identity = false;
  ForwardedIdentity forwarded_identity = ForwardedIdentity::none;
  std::vector<std::string> required_roles;
  std::optional<ToolSpec> tool;
  std::optional<std::string> url;
  std::map<std::string, std::string> headers;
  std::optional<std::string> hostname;
  std::optional<std::string> ca_file;
  std::optional<std::string> ca_cert;
  std::optional<std::string> command;
  std::vector<std::string> args;
  std::optional<std::string> cwd;
  std::optional<std::string> path;
  std::optional<Transport> transport;
  StdioSharing session = StdioSharing::per_session;
  bool enabled = true;
  bool federated = true;
  bool pinned = false;
  SessionSharing session_sharing = SessionSharing::principal;
  std::string tool_prefix;
  std::vector<std::string> category;
  std::string hint;
  std::vector<std::string> tags;
  AdapterLimits limits;
};

// The tables of the REST shapes, in the order of answers. That of tools has "toolDefinition", and refuses what only
// servers that speak MCP have.
const schema::Object<AdapterDocument>& adapter_object();
const schema::Object<AdapterDocument>& tool_object();

// Adds a problem for every member without the source that it belongs to ("args" without "command").
AdapterSpec to_spec(AdapterDocument document, std::vector<schema::Problem>& problems);
AdapterDocument to_document(const AdapterSpec& spec);

// What the resource is called in sentences: "adapter" or "tool".
std::string_view noun_of(const AdapterSpec& spec);

std::string_view to_string(Transport transport);
std::string_view to_string(Origin origin);

}  // namespace gw::model
