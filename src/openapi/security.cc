#include "openapi/security.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/strings.h"

namespace gw::openapi {
namespace {

using boost::json::value;

// The document must not choose one of the variables that are there for other purposes.
std::string variable_of(std::string_view scheme) {
  std::string out = "OPENAPI_";
  for (const char c : scheme) {
    const char lower = ascii_lower(c);
    const bool plain = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      out += static_cast<char>(lower >= 'a' && lower <= 'z' ? lower - 0x20 : c);
    } else if (out.back() != '_') {
      out += '_';
    }
  }
  return out;
}

// With its port.
std::string_view host_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  return url.substr(url.rfind('@') + 1);
}

void warn_once(std::vector<std::string>& warnings, std::string message) {
  if (std::ranges::find(warnings, message) == warnings.end()) warnings.push_back(std::move(message));
}

void add_scheme(const std::string& name, const value& scheme, std::string_view server,
                std::map<std::string, std::string>& fields, std::vector<std::string>& warnings) {
  const std::string type = text_of(scheme, "type");
  const std::string kind = to_lower(text_of(scheme, "scheme"));
  const std::string reference = fmt::format("${{env:{}}}", variable_of(name));
  const std::string where = fmt::format("security scheme '{}'", printable(name, 80));
  const auto provide = [&](std::string_view what) {
    warn_once(warnings, fmt::format("{}: put {} into the environment variable {}; it is sent to {}", where, what,
                                    variable_of(name), printable(host_of(server), 120)));
  };
  if (type == "apiKey" && text_of(scheme, "in") == "header") {
    fields[text_of(scheme, "name")] = reference;
    provide("the key");
  } else if (type == "http" && kind == "basic") {
    fields["Authorization"] = "Basic " + reference;
    provide("the base64 of user:password");
  } else if (type == "http" && kind == "bearer") {
    fields["Authorization"] = "Bearer " + reference;
    provide("the token");
  } else if (type == "oauth2" || type == "openIdConnect") {
    fields["Authorization"] = "Bearer " + reference;
    provide("an access token, which the gateway does not obtain by itself,");
  } else {
    warn_once(warnings, fmt::format("{}: credentials of this kind ({}{}) cannot be sent", where, printable(type, 40),
                                    type == "apiKey" ? " in " + printable(text_of(scheme, "in"), 40) : ""));
  }
}

}  // namespace

std::map<std::string, std::string> credentials_of(const Document& document, const value& operation,
                                                  std::string_view server, std::vector<std::string>& warnings) {
  std::map<std::string, std::string> fields;
  const value* required = member(operation, "security");
  if (!required) required = member(document.root(), "security");
  if (!required || !required->is_array() || required->get_array().empty()) return fields;
  // Each is an alternative; the first is taken. An empty one says that none is needed.
  const value& chosen = required->get_array().front();
  if (!chosen.is_object()) return fields;
  const value* const components = member(document.root(), "components");
  const value* const schemes = components ? member(*components, "securitySchemes") : nullptr;
  for (const auto& [name, scopes] : chosen.get_object()) {
    const value* const declared = schemes ? member(*schemes, name) : nullptr;
    const value* const scheme = declared ? document.resolve(*declared) : nullptr;
    if (scheme) {
      add_scheme(std::string(name), *scheme, server, fields, warnings);
    } else {
      warn_once(warnings, fmt::format("security scheme '{}' is not declared", printable(std::string_view(name), 80)));
    }
  }
  return fields;
}

}  // namespace gw::openapi
