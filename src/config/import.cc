#include "config/import.h"

#include <set>

#include <fmt/core.h>
#include <yaml-cpp/yaml.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "config/import_values.h"
#include "json/json.h"
#include "model/adapter_check.h"
#include "model/adapter_document.h"

namespace gw::config {
namespace {

using boost::json::object;
using boost::json::value;
using model::AdapterDocument;

constexpr std::size_t most_servers = 10'000;

const object* object_at(const object& parent, std::string_view name) {
  const value* found = parent.if_contains(name);
  return found ? found->if_object() : nullptr;
}

// "mcpServers" or "servers", at the top or inside the "mcp" of an editor's settings.
const object* find_servers(const object& root) {
  if (const auto* servers = object_at(root, "mcpServers")) return servers;
  if (const auto* servers = object_at(root, "servers")) return servers;
  const auto* settings = object_at(root, "mcp");
  return settings ? find_servers(*settings) : nullptr;
}

void collect_inputs(const object& root, std::map<std::string, std::string>& inputs) {
  if (const auto* settings = object_at(root, "mcp")) collect_inputs(*settings, inputs);
  const value* list = root.if_contains("inputs");
  if (!list || !list->is_array()) return;
  for (const value& item : list->get_array()) {
    const object* input = item.if_object();
    const value* id = input ? input->if_contains("id") : nullptr;
    if (!id || !id->is_string()) continue;
    const value* description = input->if_contains("description");
    inputs[std::string(id->get_string())] =
        description && description->is_string() ? std::string(description->get_string()) : "";
  }
}

// Takes over one server.
class Server {
 public:
  Server(std::string_view name, const object& source, const std::map<std::string, std::string>& inputs,
         std::vector<std::string>& warnings)
      : where_(fmt::format("server '{}'", printable(name, 80))),
        source_(source),
        inputs_(inputs),
        warnings_(warnings) {}

  // Nothing when it cannot be carried over.
  std::optional<AdapterDocument> take(std::string name) {
    document_.name = std::move(name);
    for (const auto& [member, content] : source_) take_member(member, content);
    if (document_.url && document_.command) {
      return give_up("it has both a command and a URL; keep one of them");
    }
    if (!document_.url && !document_.command) return give_up("it has neither a command nor a URL");
    drop_what_does_not_fit();
    warn_about_secrets();
    if (const auto problem = first_problem()) return give_up(*problem);
    return std::move(document_);
  }

 private:
  std::nullopt_t give_up(std::string_view reason) {
    warnings_.push_back(fmt::format("{} was left out: {}", where_, reason));
    return std::nullopt;
  }

  void warn(std::string_view message) { warnings_.push_back(fmt::format("{}: {}", where_, message)); }

  void take_member(std::string_view name, const value& content) {
    if (content.is_null()) return;
    if (name == "command") {
      document_.command = text(name, content);
    } else if (name == "args") {
      take_args(content);
    } else if (name == "cwd") {
      document_.cwd = text(name, content);
    } else if (name == "env") {
      take_values(name, content, document_.environment);
    } else if (name == "headers") {
      take_values(name, content, document_.headers);
    } else if (name == "url" || name == "serverUrl" || name == "httpUrl") {
      document_.url = text(name, content);
    } else if (name == "type" || name == "transport") {
      take_type(content);
    } else if (name == "disabled" && content.is_bool()) {
      document_.enabled = !content.get_bool();
    } else if (name == "enabled" && content.is_bool()) {
      document_.enabled = content.get_bool();
    } else if (name == "description" && content.is_string()) {
      document_.description = content.get_string();
    } else {
      warn(fmt::format("'{}' has no counterpart and was left out", printable(name, 60)));
    }
  }

  std::string text(std::string_view name, const value& content) {
    if (!content.is_string()) {
      if (content.is_object() || content.is_array()) warn(fmt::format("'{}' is not a text and was left out", name));
      return content.is_object() || content.is_array() ? "" : boost::json::serialize(content);
    }
    std::string taken(content.get_string());
    if (has_variables(taken))
      warn(fmt::format("variables (${{…}}) are not replaced in '{}'; write the value itself", name));
    return taken;
  }

  void take_args(const value& content) {
    if (!content.is_array()) return warn("'args' is not a list and was left out");
    for (const value& arg : content.get_array()) document_.args.push_back(text("args", arg));
  }

  void take_values(std::string_view member, const value& content, std::map<std::string, std::string>& values) {
    if (!content.is_object()) return warn(fmt::format("'{}' is not an object and was left out", member));
    for (const auto& [name, entry] : content.get_object()) {
      const std::string where = fmt::format("{}: {}.{}", where_, member, printable(name, 60));
      if (entry.is_object() || entry.is_array()) {
        warnings_.push_back(where + ": this is not a text and was left out");
        continue;
      }
      const std::string raw = entry.is_string() ? std::string(entry.get_string()) : boost::json::serialize(entry);
      values[std::string(name)] = entry.is_null() ? "" : import_value(raw, where, inputs_, warnings_);
    }
  }

  void take_type(const value& content) {
    const std::string type = content.is_string() ? to_lower(std::string(content.get_string())) : "";
    if (type == "sse") {
      document_.transport = model::Transport::sse;
    } else if (type != "stdio" && type != "http" && type != "streamable-http" && type != "streamablehttp") {
      warn(fmt::format("the type '{}' is not known and was left out", printable(type, 40)));
    }
  }

  void drop_what_does_not_fit() {
    const auto drop = [this](bool wrong, std::string_view name, auto& member) {
      if (!wrong) return;
      warn(fmt::format("'{}' does not belong to this kind of server and was left out", name));
      member = {};
    };
    const bool remote = document_.url.has_value();
    drop(remote && !document_.args.empty(), "args", document_.args);
    drop(remote && document_.cwd.has_value(), "cwd", document_.cwd);
    drop(remote && !document_.environment.empty(), "env", document_.environment);
    drop(!remote && !document_.headers.empty(), "headers", document_.headers);
    drop(!remote && document_.transport.has_value(), "type", document_.transport);
  }

  void warn_about_secrets() {
    const auto check = [this](std::string_view member, const auto& values) {
      for (const auto& [name, content] : values) {
        if (!looks_secret(name, content)) continue;
        warn(fmt::format("{}.{} looks like a secret; keep it out of the file with ${{env:NAME}} or ${{file:/path}}",
                         member, printable(name, 60)));
      }
    };
    check("env", document_.environment);
    check("headers", document_.headers);
  }

  // A working directory may be relative here: the configuration file gives it a meaning.
  std::optional<std::string> first_problem() const {
    std::vector<schema::Problem> problems;
    auto spec = model::to_spec(document_, problems);
    if (spec.command && !spec.command->cwd.starts_with('/')) spec.command->cwd.clear();
    std::ranges::move(model::check_adapter(spec), std::back_inserter(problems));
    if (problems.empty()) return {};
    return problems[0].field + ": " + problems[0].message;
  }

  const std::string where_;
  const object& source_;
  const std::map<std::string, std::string>& inputs_;
  std::vector<std::string>& warnings_;
  AdapterDocument document_;
};

// A legal name that no other server has; "-2", "-3" … tell namesakes apart.
std::string choose_name(std::string_view wanted, std::set<std::string>& taken) {
  const auto is_legal = [](const std::string& name) {
    model::AdapterSpec probe{.name = name};
    probe.url = model::UrlSource{.url = "http://localhost/"};
    return model::check_adapter(probe).empty();
  };
  std::string base = model::legal_name(wanted);
  if (!is_legal(base)) base += "-server";
  std::string name = base;
  for (int n = 2; !taken.insert(name).second; ++n) {
    const std::string suffix = fmt::format("-{}", n);
    name = base.substr(0, 63 - suffix.size()) + suffix;
  }
  return name;
}

void write_text(YAML::Emitter& out, const char* name, const std::string& text) {
  out << YAML::Key << name << YAML::Value << YAML::DoubleQuoted << text;
}

void write_map(YAML::Emitter& out, const char* name, const std::map<std::string, std::string>& values) {
  if (values.empty()) return;
  out << YAML::Key << name << YAML::Value << YAML::BeginMap;
  for (const auto& [key, content] : values) {
    out << YAML::Key << YAML::DoubleQuoted << key << YAML::Value << YAML::DoubleQuoted << content;
  }
  out << YAML::EndMap;
}

void write_server(YAML::Emitter& out, const AdapterDocument& server) {
  out << YAML::BeginMap << YAML::Key << "name" << YAML::Value << server.name;
  if (!server.description.empty()) write_text(out, "description", server.description);
  if (server.url) write_text(out, "url", *server.url);
  if (server.transport) out << YAML::Key << "transport" << YAML::Value << std::string(to_string(*server.transport));
  write_map(out, "headers", server.headers);
  if (server.command) write_text(out, "command", *server.command);
  if (!server.args.empty()) {
    out << YAML::Key << "args" << YAML::Value << YAML::Flow << YAML::BeginSeq;
    for (const auto& arg : server.args) out << YAML::DoubleQuoted << arg;
    out << YAML::EndSeq;
  }
  if (server.cwd) write_text(out, "cwd", *server.cwd);
  write_map(out, "env", server.environment);
  if (!server.enabled) out << YAML::Key << "enabled" << YAML::Value << false;
  out << YAML::EndMap;
}

std::string to_yaml(const std::vector<AdapterDocument>& servers) {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << "servers" << YAML::Value;
  if (servers.empty()) out << YAML::Flow;
  out << YAML::BeginSeq;
  for (const auto& server : servers) write_server(out, server);
  out << YAML::EndSeq << YAML::EndMap;
  return std::string(out.c_str(), out.size()) + "\n";
}

}  // namespace

Result<Imported> import_servers(std::string_view json) {
  GW_TRY(const auto root, json::parse(json, {.max_depth = 32, .lenient = true}));
  const object* servers = root.is_object() ? find_servers(root.get_object()) : nullptr;
  if (!servers) {
    return fail(
        Errc::invalid,
        "there are no servers in it: neither \"mcpServers\" (Claude Desktop, Cursor) nor \"servers\" (VS Code)");
  }
  if (servers->size() > most_servers) return fail(Errc::too_large, "it has more than {} servers", most_servers);
  std::map<std::string, std::string> inputs;
  collect_inputs(root.get_object(), inputs);

  Imported imported;
  std::vector<AdapterDocument> documents;
  std::set<std::string> taken;
  for (const auto& [name, content] : *servers) {
    if (!content.is_object()) {
      imported.warnings.push_back(fmt::format("server '{}' was left out: it is not an object", printable(name, 80)));
      continue;
    }
    const std::string chosen = choose_name(name, taken);
    auto document = Server(name, content.get_object(), inputs, imported.warnings).take(chosen);
    if (!document) continue;
    if (chosen != name) {
      imported.warnings.push_back(fmt::format("server '{}' is called '{}' here", printable(name, 80), chosen));
    }
    documents.push_back(*std::move(document));
  }
  imported.servers = documents.size();
  imported.yaml = to_yaml(documents);
  return imported;
}

}  // namespace gw::config
