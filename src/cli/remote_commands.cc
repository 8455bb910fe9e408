#include "cli/remote_commands.h"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "cli/input.h"
#include "http/target.h"
#include "json/json.h"

namespace gw::cli {
namespace {

namespace js = boost::json;
using http::Method;

int failed(const Error& error, const Console& console) {
  console.err << "mcp-gateway: " << error.message() << '\n';
  return exit_failed;
}

// A member as a cell of a table: "-" where there is nothing.
std::string cell(const js::value& thing, std::string_view member) {
  const js::value* value = thing.is_object() ? thing.get_object().if_contains(member) : nullptr;
  if (value == nullptr || value->is_null()) return "-";
  if (const auto* text = value->if_string()) return text->empty() ? "-" : printable(*text);
  const auto* list = value->if_array();
  if (list == nullptr) return printable(json::to_text(*value));
  std::vector<std::string> texts;
  for (const js::value& each : *list) texts.push_back(each.is_string() ? printable(each.get_string()) : "?");
  return texts.empty() ? "-" : fmt::format("{}", fmt::join(texts, ","));
}

struct Column {
  const char* title;
  const char* member;
};

// Columns as wide as their widest cell; the last one ends where its text does.
std::string table(const js::value& list, std::initializer_list<Column> columns) {
  std::vector<std::vector<std::string>> rows(1);
  for (const Column& column : columns) rows[0].emplace_back(column.title);
  for (const js::value& thing : list.is_array() ? list.get_array() : js::array()) {
    rows.emplace_back();
    for (const Column& column : columns) rows.back().push_back(cell(thing, column.member));
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      std::size_t width = 0;
      for (const auto& other : rows) width = std::max(width, other[i].size());
      text += fmt::format("{:{}}  ", row[i], width);
    }
    text += row.back() + '\n';
  }
  return text;
}

std::string path_of(std::string_view collection, std::string_view name) {
  return fmt::format("{}/{}", collection, http::percent_encode(name));
}

Result<js::value> ask(const Remote& remote, const Console& console, Method method, std::string_view path,
                      const js::value* body = nullptr) {
  GW_TRY(const Target target, find_target(remote.client, console.environment));
  if (!target.token.empty() && can_be_overheard(target.url)) {
    console.err << fmt::format("warning: the token is sent to {} without encryption; use https\n",
                               printable(target.url));
  }
  return ask(target, method, path, body);
}

int list(const Remote& remote, const Console& console, const char* path, std::initializer_list<Column> columns) {
  const auto answer = ask(remote, console, Method::get, path);
  if (!answer) return failed(answer.error(), console);
  console.out << (remote.output == Output::json ? json::to_pretty_text(*answer) : table(*answer, columns));
  return exit_ok;
}

int remove(const Remote& remote, const Console& console, const std::string& path, const char* done,
           const std::string& name) {
  const auto answer = ask(remote, console, Method::del, path);
  if (!answer) return failed(answer.error(), console);
  if (remote.output == Output::json) {
    console.out << json::to_pretty_text(js::object{{done, name}});
  } else {
    console.out << fmt::format("{} {}\n", done, printable(name));
  }
  return exit_ok;
}

}  // namespace

int create_key(const Remote& remote, const NewKeyOptions& key, const Console& console) {
  js::object wanted{{"name", key.name}, {"roles", js::array(key.roles.begin(), key.roles.end())}};
  if (key.expires_in) wanted["expiresIn"] = *key.expires_in;
  const js::value body(std::move(wanted));
  const auto made = ask(remote, console, Method::post, "/keys", &body);
  if (!made) return failed(made.error(), console);
  if (remote.output == Output::json) {
    console.out << json::to_pretty_text(*made);
    return exit_ok;
  }
  console.out << cell(*made, "key") << '\n';
  console.err << fmt::format("key {} was made; it is not shown again\n", cell(*made, "id"));
  return exit_ok;
}

int list_keys(const Remote& remote, const Console& console) {
  return list(remote, console, "/keys",
              {{"ID", "id"},
               {"NAME", "name"},
               {"ROLES", "roles"},
               {"CREATED BY", "createdBy"},
               {"CREATED", "createdAt"},
               {"EXPIRES", "expiresAt"}});
}

int revoke_key(const Remote& remote, const std::string& id, const Console& console) {
  return remove(remote, console, path_of("/keys", id), "revoked", id);
}

int set_secret(const Remote& remote, const std::string& name, const Console& console) {
  const std::string prompt = fmt::format("Value of '{}': ", printable(name));
  const auto value = console.read_secret ? console.read_secret(prompt) : read_secret(prompt);
  if (!value) return failed(value.error(), console);
  if (!is_utf8(value->reveal())) {
    return failed(Error(Errc::invalid, "the value is not UTF-8 text; encode it, for example with base64"), console);
  }
  const js::value body(js::object{{"value", js::string(value->reveal())}});
  const auto set = ask(remote, console, Method::put, path_of("/secrets", name), &body);
  if (!set) return failed(set.error(), console);
  console.out << (remote.output == Output::json ? json::to_pretty_text(*set)
                                                : fmt::format("set {}\n", cell(*set, "name")));
  return exit_ok;
}

int list_secrets(const Remote& remote, const Console& console) {
  return list(remote, console, "/secrets", {{"NAME", "name"}, {"CREATED", "createdAt"}, {"SET", "lastUpdatedAt"}});
}

int remove_secret(const Remote& remote, const std::string& name, const Console& console) {
  return remove(remote, console, path_of("/secrets", name), "removed", name);
}

int list_adapters(const Remote& remote, const Console& console) {
  return list(remote, console, "/adapters",
              {{"NAME", "name"},
               {"ORIGIN", "origin"},
               {"TRANSPORT", "transport"},
               {"CREATED BY", "createdBy"},
               {"ROLES", "requiredRoles"},
               {"DESCRIPTION", "description"}});
}

}  // namespace gw::cli
