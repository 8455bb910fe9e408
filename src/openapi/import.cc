#include "openapi/import.h"

#include <algorithm>
#include <set>

#include "base/glob.h"
#include "base/strings.h"
#include "json/json.h"
#include "model/adapter_check.h"
#include "model/adapter_json.h"
#include "openapi/operation.h"
#include "openapi/security.h"
#include "openapi/yaml_text.h"

namespace gw::openapi {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::size_t max_tools = 5'000;
constexpr std::size_t max_name = 63;

// "listPetsById" and "list_pets_by_id" as "list-pets-by-id".
std::string in_words(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool upper = text[i] >= 'A' && text[i] <= 'Z';
    const bool after_small =
        i > 0 && ((text[i - 1] >= 'a' && text[i - 1] <= 'z') || (text[i - 1] >= '0' && text[i - 1] <= '9'));
    if (upper && after_small) out += '-';
    out += text[i];
  }
  return out;
}

class Names {
 public:
  // A legal name that no other tool has; "-2", "-3" … tell namesakes apart.
  std::string choose(std::string_view wanted) {
    const std::string base = model::legal_name(in_words(wanted));
    std::string name = base;
    for (int n = 2; !taken_.insert(name).second; ++n) {
      const std::string suffix = fmt::format("-{}", n);
      name = base.substr(0, max_name - suffix.size()) + suffix;
    }
    return name;
  }

 private:
  std::set<std::string> taken_;
};

// The address of a Server Object with the defaults of its variables.
std::string address_of(const value& server) {
  std::string url = text_of(server, "url");
  const value* const variables = member(server, "variables");
  if (!variables || !variables->is_object()) return url;
  for (const auto& [name, variable] : variables->get_object()) {
    const std::string hole = fmt::format("{{{}}}", std::string_view(name));
    const std::string filling = text_of(variable, "default");
    for (auto at = url.find(hole); at != std::string::npos; at = url.find(hole, at + filling.size())) {
      url.replace(at, hole.size(), filling);
    }
  }
  return url;
}

// The first server that `holder` names.
std::string server_of(const value& holder) {
  const value* const servers = member(holder, "servers");
  if (!servers || !servers->is_array() || servers->get_array().empty()) return {};
  return address_of(servers->get_array().front());
}

bool is_absolute(std::string_view url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

class Importer {
 public:
  Importer(const Document& document, const ImportOptions& options) : document_(document), options_(options) {}

  Result<Imported> run() {
    server_ = options_.server.empty() ? server_of(document_.root()) : options_.server;
    if (!is_absolute(server_)) {
      return fail(Errc::invalid, "{}; say where the service is with --server URL",
                  server_.empty() ? "the document names no server"
                                  : "its server is '" + printable(server_, 120) + "', which is no absolute URL");
    }
    const value* const paths = member(document_.root(), "paths");
    if (!paths || !paths->is_object()) return fail(Errc::invalid, "the document has no 'paths'");
    for (const auto& [path, item] : paths->get_object()) {
      if (path.starts_with('/')) import_path(std::string(path), item);
    }
    if (member(document_.root(), "webhooks")) imported_.warnings.emplace_back("webhooks are not imported");
    if (tools_.empty()) return fail(Errc::invalid, "no operation could be imported{}", why_none());
    imported_.tools = tools_.size();
    imported_.yaml = yaml_text(object{{"tools", std::move(tools_)}});
    return std::move(imported_);
  }

 private:
  std::string why_none() const {
    if (!imported_.warnings.empty()) return ": " + imported_.warnings.front();
    return options_.only.empty() ? "" : ": none fits the patterns of --only";
  }

  void import_path(const std::string& path, const value& item) {
    const value* const resolved = document_.resolve(item);
    if (!resolved) {
      imported_.warnings.push_back(
          fmt::format("{} was left out: it refers to nothing in this document", printable(path, 120)));
      return;
    }
    for (const char* const method : {"get", "post", "put", "patch", "delete"}) {
      const value* const operation = member(*resolved, method);
      if (operation && operation->is_object()) {
        std::string upper = method;
        std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(c - 0x20); });
        import_one({*resolved, *operation, path, upper});
      }
    }
    for (const char* const method : {"head", "options", "trace"}) {
      if (member(*resolved, method)) {
        imported_.warnings.push_back(fmt::format("{} {} was left out: tools are not called so", method, path));
      }
    }
  }

  void import_one(Operation operation) {
    const std::string id = text_of(operation.operation, "operationId");
    const std::string wanted = id.empty() ? operation.where() : id;
    if (!is_wanted(id, model::legal_name(in_words(wanted)), operation.where())) return;
    if (tools_.size() == max_tools) {
      if (!std::exchange(full_, true)) {
        imported_.warnings.push_back(fmt::format("only the first {} operations were imported", max_tools));
      }
      return;
    }
    const std::string name = names_.choose(options_.prefix.empty() ? wanted : options_.prefix + "-" + wanted);
    const std::string server = server_for(operation);
    operation.credentials = credentials_of(document_, operation.operation, server, imported_.warnings);
    auto definition = import_operation(document_, operation, name, imported_.warnings);
    if (!definition) return;
    object tool{{"name", name}, {"url", server}};
    if (!operation.credentials.empty()) {
      object headers;
      for (const auto& [field, content] : operation.credentials) headers[field] = content;
      tool["headers"] = std::move(headers);
    }
    tool["toolDefinition"] = *std::move(definition);
    // One that the gateway refuses would keep it from reading the whole file.
    if (const auto read = model::read_tool(json::to_text(tool)); !read) {
      const schema::Problem& problem = read.error().front();
      imported_.warnings.push_back(fmt::format("{} was left out: the gateway refuses it: {}{}{}", operation.where(),
                                               problem.field, problem.field.empty() ? "" : ": ", problem.message));
      return;
    }
    tools_.push_back(std::move(tool));
  }

  bool is_wanted(std::string_view id, std::string_view name, std::string_view where) const {
    return options_.only.empty() || std::ranges::any_of(options_.only, [&](const std::string& pattern) {
             return glob_match(pattern, id) || glob_match(pattern, name) || glob_match(pattern, where);
           });
  }

  // An operation or a path may have servers of its own.
  std::string server_for(const Operation& operation) const {
    if (!options_.server.empty()) return server_;
    for (const value* const holder : {&operation.operation, &operation.path_item}) {
      if (std::string own = server_of(*holder); is_absolute(own)) return own;
    }
    return server_;
  }

  const Document& document_;
  const ImportOptions& options_;
  std::string server_;
  Names names_;
  boost::json::array tools_;
  bool full_ = false;
  Imported imported_;
};

}  // namespace

Result<Imported> import_tools(std::string_view text, const ImportOptions& options) {
  GW_TRY(const Document document, Document::parse(text));
  return Importer(document, options).run();
}

}  // namespace gw::openapi
