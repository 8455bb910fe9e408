#include "catalogue/splice.h"

#include <fmt/core.h>

#include "base/strings.h"
#include "mcp/json_text.h"
#include "mcp/jsonrpc.h"

namespace gw::catalogue {
namespace {

using mcp::json_member;

std::string_view name_member(Kind kind) {
  switch (kind) {
    case Kind::resource: return "uri";
    case Kind::resource_template: return "uriTemplate";
    default: return "name";
  }
}

// Collects replacements of members of one object, and those that it lacks to be put at its beginning.
class Members {
 public:
  explicit Members(std::string_view object) : object_(object) {}

  void set(std::string_view key, const std::string& raw) {
    const std::string_view old = json_member(object_, key);
    if (old.empty()) {
      missing_ += fmt::format("{}:{},", json_quote(key), raw);
    } else {
      edits_.emplace_back(old, raw);
    }
  }
  void replace(std::string_view raw, std::string with) { edits_.emplace_back(raw, std::move(with)); }

  std::string spliced() {
    if (!missing_.empty()) {
      const bool has_others = mcp::JsonScanner(object_.substr(1), 1).peek() != '}';
      if (!has_others) missing_.pop_back();
      edits_.emplace_back(object_.substr(0, 1), "{" + missing_);
    }
    std::vector<mcp::Edit> edits;
    for (const auto& [span, text] : edits_) edits.push_back({span, text});
    return mcp::splice(object_, std::move(edits));
  }

 private:
  std::string_view object_;
  std::vector<std::pair<std::string_view, std::string>> edits_;
  std::string missing_;  // "\"a\":1,"
};

std::string_view ui_resource_span(std::string_view json) {
  if (json.find("resourceUri") == std::string_view::npos) return {};
  std::string_view at = json;
  for (const std::string_view key : {"_meta", "ui", "resourceUri"}) {
    if (!mcp::is_json_object(at)) return {};
    at = json_member(at, key);
  }
  return mcp::is_json_string(at) ? at : "";
}

std::string changed_annotations(std::string_view json, const std::map<std::string, bool>& annotations) {
  const std::string_view old = json_member(json, "annotations");
  Members members(mcp::is_json_object(old) ? old : "{}");
  for (const auto& [hint, value] : annotations) members.set(hint, value ? "true" : "false");
  return members.spliced();
}

}  // namespace

std::string with_changes(Kind kind, std::string_view json, const Changes& changes) {
  Members members(json);
  if (!changes.name.empty()) members.set(name_member(kind), json_quote(changes.name));
  if (!changes.description.empty()) members.set("description", json_quote(changes.description));
  if (!changes.annotations.empty()) members.set("annotations", changed_annotations(json, changes.annotations));
  if (!changes.ui_resource.empty()) {
    if (const auto span = ui_resource_span(json); !span.empty()) members.replace(span, json_quote(changes.ui_resource));
  }
  return members.spliced();
}

std::string with_name(Kind kind, std::string_view json, std::string_view name) {
  return with_changes(kind, json, {.name = std::string(name)});
}

std::string ui_resource_of(std::string_view json) {
  const auto span = ui_resource_span(json);
  return span.empty() ? "" : mcp::json_unquote(span);
}

}  // namespace gw::catalogue
