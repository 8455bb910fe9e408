#include "config/load.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/core.h>

#include "base/files.h"
#include "base/strings.h"
#include "config/tables.h"
#include "config/yaml.h"
#include "model/adapter_check.h"
#include "model/reference.h"
#include "policy/check.h"

namespace gw::config {
namespace {

namespace fs = std::filesystem;
using schema::Node;

// Where the file has the resource at `index` of all of them, the tools after the `servers`.
std::string place_of(std::size_t index, std::size_t servers) {
  return index < servers ? fmt::format("servers[{}]", index) : fmt::format("tools[{}]", index - servers);
}

std::size_t servers_before_tools(const std::vector<model::AdapterSpec>& all) {
  const auto is_tool = [](const model::AdapterSpec& spec) { return spec.tool.has_value(); };
  return static_cast<std::size_t>(std::ranges::find_if(all, is_tool) - all.begin());
}

// Takes one configuration from its tree of nodes to checked values.
class Loader {
 public:
  Loader(const Node& root, fs::path folder) : root_(root), folder_(std::move(folder)) {}

  std::expected<Loaded, std::vector<schema::Problem>> load() {
    schema::Report report;
    config_object().table().read(root_, &document_, report);
    problems_ = report.take();
    Loaded loaded;
    loaded.options = std::move(document_.options);
    anchor_paths(loaded.options);
    add_all(check_options(loaded.options), "");
    for (std::size_t i = 0; i < document_.servers.size(); ++i) {
      loaded.servers.push_back(take_server("servers", i, std::move(document_.servers[i])));
    }
    for (std::size_t i = 0; i < document_.tools.size(); ++i) {
      loaded.servers.push_back(take_server("tools", i, std::move(document_.tools[i])));
    }
    check_names(loaded.servers);
    if (!problems_.empty()) return std::unexpected(std::move(problems_));
    return loaded;
  }

 private:
  void add(std::string field, std::string message) {
    const auto mark = schema::locate(root_, field);
    problems_.push_back({std::move(field), std::move(message), mark});
  }

  void add_all(std::vector<schema::Problem> problems, const std::string& prefix) {
    for (auto& problem : problems) {
      const bool joined = prefix.empty() || problem.field.empty();
      add(prefix + (joined ? "" : ".") + problem.field, std::move(problem.message));
    }
  }

  void anchor(std::string& path) const {
    if (!path.empty() && !path.starts_with('/')) path = (folder_ / path).lexically_normal();
  }

  void anchor_paths(Options& options) const {
    anchor(options.state_directory);
    anchor(options.store.path);
    anchor(options.router.ca_file);
    for (auto& listen : options.listen) {
      if (!listen.tls) continue;
      anchor(listen.tls->cert_file);
      anchor(listen.tls->key_file);
    }
  }

  void anchor_paths(model::AdapterSpec& spec) const {
    if (spec.url) anchor(spec.url->ca_file);
    if (!spec.command) return;
    anchor(spec.command->cwd);
    if (spec.command->command.find('/') != std::string::npos) anchor(spec.command->command);
  }

  model::AdapterSpec take_server(std::string_view list, std::size_t index, ServerDocument server) {
    const std::string path = fmt::format("{}[{}]", list, index);
    const bool was_read = !has_problem_at(path);
    take_state(path, server);
    take_credential(path, server);
    std::vector<schema::Problem> problems;
    auto spec = model::to_spec(std::move(server.adapter), problems);
    anchor_paths(spec);
    if (was_read) std::ranges::move(model::check_adapter(spec), std::back_inserter(problems));
    rename_fields(path, problems);
    add_all(std::move(problems), path);
    return spec;
  }

  // A server that could not be read has values that the file does not say: checking those would only confuse.
  bool has_problem_at(const std::string& path) const {
    return std::ranges::any_of(problems_, [&](const auto& problem) { return problem.field.starts_with(path); });
  }

  void take_state(const std::string& path, ServerDocument& server) {
    if (!server.state) return;
    if (is_given(path, "enabled")) add(path + ".state", "'state' and 'enabled' say the same; keep one of them");
    server.adapter.enabled = *server.state == ServerState::enabled;
  }

  void take_credential(const std::string& path, ServerDocument& server) {
    if (!server.credential) return;
    const auto is_authorization = [](const auto& header) { return iequals(header.first, "authorization"); };
    if (!server.adapter.url) {
      add(path + ".credential", "'credential' is only for servers with 'url'");
    } else if (std::ranges::any_of(server.adapter.headers, is_authorization)) {
      add(path + ".credential", "'headers' sets Authorization already; keep one of them");
    } else {
      server.adapter.headers.emplace("Authorization", *std::move(server.credential));
    }
  }

  // Of "servers[3]".
  const Node* server_node(const std::string& path) const {
    const auto bracket = path.find('[');
    const Node* list = root_.find(path.substr(0, bracket));
    const auto index = parse_unsigned(path.substr(bracket + 1, path.size() - bracket - 2));
    return list && index && *index < list->items.size() ? list->items[*index].get() : nullptr;
  }

  bool is_given(const std::string& path, std::string_view member) const {
    const Node* server = server_node(path);
    return server && server->find(member);
  }

  // Checks speak of fields by their names in the REST API; the reader wrote other names here.
  void rename_fields(const std::string& path, std::vector<schema::Problem>& problems) const {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> names{
        {{"environmentVariables", "env"}, {"toolPrefix", "prefix"}, {"headers.Authorization", "credential"}}};
    for (auto& problem : problems) {
      for (const auto& [name, here] : names) {
        if (problem.field.starts_with(name) && is_given(path, here)) problem.field.replace(0, name.size(), here);
      }
    }
  }

  void check_names(const std::vector<model::AdapterSpec>& servers) {
    std::map<std::string, std::string> first;
    for (std::size_t i = 0; i < servers.size(); ++i) {
      if (servers[i].name.empty()) continue;
      const auto [other, is_new] = first.emplace(servers[i].name, place_of(i, document_.servers.size()));
      if (is_new) continue;
      add(place_of(i, document_.servers.size()) + ".name",
          fmt::format("'{}' is already the name of {}", printable(servers[i].name, 80), other->second));
    }
  }

  const Node& root_;
  fs::path folder_;
  ConfigDocument document_;
  std::vector<schema::Problem> problems_;
};

std::vector<Problem> in_file(std::string_view file, std::vector<schema::Problem> problems) {
  std::ranges::sort(problems, {}, [](const auto& p) { return std::tie(p.mark.line, p.mark.column, p.field); });
  std::vector<Problem> found;
  for (auto& problem : problems) {
    found.push_back({std::string(file), problem.mark.line, problem.mark.column, std::move(problem.field),
                     std::move(problem.message)});
  }
  return found;
}

// Rules that mean nothing, and servers that nobody but administrators may use.
void warn_about_access(const Loaded& loaded, const Node& root, std::vector<schema::Problem>& warnings) {
  std::vector<std::string> names;
  for (const model::AdapterSpec& server : loaded.servers) names.push_back(server.name);
  for (auto& problem : policy::unused(loaded.options.policy, names)) {
    problem.field = "policy." + problem.field;
    problem.mark = schema::locate(root, problem.field);
    warnings.push_back(std::move(problem));
  }
  if (!loaded.options.auth.enabled()) return;
  for (std::size_t i = 0; i < loaded.servers.size(); ++i) {
    if (!loaded.servers[i].required_roles.empty()) continue;
    const std::string field = place_of(i, servers_before_tools(loaded.servers));
    warnings.push_back({field,
                        fmt::format("'{}' has no requiredRoles, so only administrators may use it; name roles, or "
                                    "['*'] for everybody who is authenticated",
                                    loaded.servers[i].name),
                        schema::locate(root, field)});
  }
}

std::vector<Problem> warnings_about(std::string_view file, const Node& root, const Loaded& loaded) {
  const std::vector<model::AdapterSpec>& servers = loaded.servers;
  std::vector<schema::Problem> warnings;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (!servers[i].url) continue;
    for (const auto& [name, value] : servers[i].url->headers) {
      if (!iequals(name, "authorization") || model::holds_only_references(value)) continue;
      const std::string field = place_of(i, servers_before_tools(servers));
      warnings.push_back({field, "a credential is written in the file; keep it out with ${env:NAME} or ${file:/path}",
                          schema::locate(root, field)});
    }
  }
  warn_about_access(loaded, root, warnings);
  return in_file(file, std::move(warnings));
}

}  // namespace

std::string to_string(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) text += fmt::format(":{}:{}", problem.line, problem.column);
  if (!problem.path.empty()) text += ": " + problem.path;
  return text + ": " + problem.message;
}

LoadResult load_text(std::string_view text, std::string_view file, const fs::path& folder) {
  auto root = parse_yaml(text);
  if (!root) return std::unexpected(in_file(file, std::move(root).error()));
  auto loaded = Loader(**root, folder).load();
  if (!loaded) return std::unexpected(in_file(file, std::move(loaded).error()));
  loaded->warnings = warnings_about(file, **root, *loaded);
  return *std::move(loaded);
}

LoadResult load_file(const fs::path& path) {
  const auto text = read_file(path, YamlLimits{}.bytes);
  if (!text) return std::unexpected(std::vector{Problem{path.string(), 0, 0, "", text.error().message()}});
  return load_text(*text, path.string(), fs::absolute(path).parent_path());
}

}  // namespace gw::config
