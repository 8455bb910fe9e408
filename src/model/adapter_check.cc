#include "model/adapter_check.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include <fmt/core.h>
#include <boost/url.hpp>

#include "base/strings.h"
#include "model/adapter_document.h"
#include "model/characters.h"
#include "model/header_name.h"
#include "model/reference.h"
#include "model/secrets.h"
#include "model/tool_check.h"

namespace gw::model {
namespace {

constexpr std::size_t longest_name = 63;
constexpr std::size_t longest_text = 8192;    // Of descriptions, hints, URLs, header values.
constexpr std::size_t longest_arg = 131'071;  // The kernel's own bound on one argument or variable.
constexpr std::size_t most_args = 1024;
constexpr std::size_t most_entries = 256;  // Of headers, variables, roles, tags.

constexpr std::array<std::string_view, 4> reserved_names{"list", "mcp", "mcpgateway", "toolgateway"};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}
bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

// ^[a-z0-9]+([._/-][a-z0-9]+)*$
bool is_image_name(std::string_view name) {
  bool after_separator = true;
  for (const char c : name) {
    if (is_lower_or_digit(c)) {
      after_separator = false;
    } else {
      if (after_separator || std::string_view("._/-").find(c) == std::string_view::npos) return false;
      after_separator = true;
    }
  }
  return !after_separator && name.size() <= 255;
}

// ^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$
bool is_image_version(std::string_view version) {
  return !version.empty() && version.size() <= 128 && is_letter_or_digit(version[0]) &&
         std::ranges::all_of(version, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_port(std::string_view text) {
  const auto port = parse_unsigned(text);
  return port && *port >= 1 && *port <= 65535;
}

class Check {
 public:
  explicit Check(const AdapterSpec& spec) : spec_(spec) {}

  std::vector<schema::Problem> run() {
    check_name();
    check_source();
    if (spec_.image) check_image(*spec_.image);
    check_environment();
    check_replicas();
    check_length("description", spec_.description);
    check_words("requiredRoles", spec_.required_roles);
    if (spec_.tool) std::ranges::move(check_tool(spec_), std::back_inserter(problems_));
    if (spec_.url) check_url(*spec_.url);
    if (spec_.command) check_command(*spec_.command);
    check_transport();
    check_tool_prefix();
    check_words("category", spec_.categories);
    check_length("hint", spec_.hint);
    check_words("tags", spec_.tags);
    return std::move(problems_);
  }

 private:
  template <class... Args>
  void add(std::string field, fmt::format_string<Args...> format, Args&&... args) {
    problems_.push_back({std::move(field), fmt::format(format, std::forward<Args>(args)...), {}});
  }

  void check_name() {
    const std::string& name = spec_.name;
    if (!is_adapter_name(name)) {
      add("name",
          "'{}' is not a legal name: use 1 to 63 lower-case letters, digits and dashes, without a dash at either end; "
          "'{}' would do",
          printable(name, 80), legal_name(name));
    } else if (std::ranges::find(reserved_names, name) != reserved_names.end()) {
      add("name", "'{}' is a name that the gateway keeps for itself; choose another", name);
    }
  }

  void check_source() {
    const int sources = spec_.url.has_value() + spec_.command.has_value() + spec_.image.has_value();
    if (sources == 1) return;
    add("",
        "{} {} has exactly one source: 'url' (a running server), 'command' (a local process) or 'imageName' with "
        "'imageVersion' (a container); {}",
        spec_.tool ? "a" : "an", noun_of(spec_), sources == 0 ? "none is given" : "several are given");
  }

  void check_image(const ImageSource& image) {
    if (!is_image_name(image.name)) {
      add("imageName",
          "'{}' is not an image name: lower-case letters and digits, separated by single . _ / or -, and "
          "without a tag",
          printable(image.name, 80));
    }
    if (!is_image_version(image.version)) {
      add("imageVersion",
          "{} is not an image tag: 1 to 128 letters, digits, dots, dashes and underscores, the first a "
          "letter or digit",
          image.version.empty() ? std::string("an empty text") : "'" + printable(image.version, 80) + "'");
    }
  }

  void check_environment() {
    if (spec_.environment.empty()) return;
    if (spec_.url && !spec_.command && !spec_.image) {
      add("environmentVariables", "a server that is reached by URL has no environment; use 'headers' to send values");
    }
    check_entries("environmentVariables", spec_.environment.size());
    for (const auto& [name, value] : spec_.environment) {
      const std::string field = "environmentVariables." + printable(name, 80);
      if (name.empty() || has_nul(name) || name.find('=') != std::string::npos) {
        add(field, "a variable's name is not empty and has no '=' and no NUL character");
      }
      if (has_nul(value)) add(field, "the value has a NUL character");
      if (name.size() + value.size() + 1 > longest_arg) add(field, "the value is longer than a process may get");
      const bool has_port = spec_.command && spec_.transport == Transport::http;
      check_reference(field, has_port ? replace_port(value, "0") : value);
    }
  }

  void check_replicas() {
    if (spec_.replica_count > 100) add("replicaCount", "{} is not between 0 and 100", spec_.replica_count);
    if (spec_.url && spec_.replica_count != 1) {
      add("replicaCount", "a server that is reached by URL counts as one replica; leave this out or write 1");
    }
  }

  void check_url(const UrlSource& source) {
    check_address(source.url);
    check_hostname(source.hostname);
    check_headers(source.headers);
    if (has_nul(source.ca_file)) add("caFile", "a path has no NUL character");
    if (!source.ca_cert.empty() && source.ca_cert.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
      add("caCert",
          "expected a PEM certificate, which begins with -----BEGIN CERTIFICATE-----; a path belongs in 'caFile'");
    }
    if (!source.ca_file.empty() && !source.ca_cert.empty()) add("caCert", "give 'caFile' or 'caCert', not both");
  }

  // Never shows the text: a mistyped URL may hold a password.
  void check_address(const std::string& text) {
    const auto url = boost::urls::parse_uri(text);
    if (url.has_error() || text.size() > longest_text) {
      return add("url", "this is not an absolute URL such as https://example.org/mcp");
    }
    if (url->scheme_id() != boost::urls::scheme::http && url->scheme_id() != boost::urls::scheme::https) {
      add("url", "the scheme is '{}'; the gateway speaks http and https", printable(std::string(url->scheme()), 40));
    }
    if (url->host().empty()) add("url", "the URL has no host");
    if (url->has_userinfo()) {
      add("url",
          "a URL with a user name or password is refused because URLs are shown in logs; use "
          "'headers' with Authorization");
    }
    if (url->has_fragment()) add("url", "a fragment (#…) is never sent to a server; remove it");
    if (url->has_port() && !is_port(std::string(url->port()))) add("url", "the port is not between 1 and 65535");
  }

  void check_hostname(const std::string& hostname) {
    const auto legal = [](char c) {
      return is_letter_or_digit(c) || std::string_view("-._:[]").find(c) != std::string_view::npos;
    };
    if (hostname.size() > 255 || !std::ranges::all_of(hostname, legal)) {
      add("hostname", "'{}' is not a host name with an optional port", printable(hostname, 80));
    }
  }

  void check_headers(const std::map<std::string, std::string>& headers) {
    check_entries("headers", headers.size());
    std::vector<std::string> seen;
    for (const auto& [name, value] : headers) {
      const std::string field = "headers." + printable(name, 80);
      const std::string lower = to_lower(name);
      if (!is_token(name)) add(field, "this is not a legal header name");
      if (lower == "host") add(field, "use 'hostname' to set the Host header");
      if (is_set_by_gateway(lower)) add(field, "the gateway sets this header itself");
      if (std::ranges::find(seen, lower) != seen.end()) add(field, "the header is given twice in different case");
      seen.push_back(lower);
      if (value.size() > longest_text) add(field, "the value is longer than {} bytes", longest_text);
      if (std::ranges::any_of(value, [](char c) { return is_control(c) && c != '\t'; })) {
        add(field, "the value has a control character or a line end");
      }
      if (value == redacted) {
        add(field,
            "'{}' stands for a stored value that is not shown, and there is none to keep for this URL; give the value",
            redacted);
      }
      check_reference(field, value);
    }
  }

  void check_command(const CommandSource& source) {
    if (source.command.empty()) add("command", "the command is empty");
    if (has_nul(source.command)) add("command", "a path has no NUL character");
    if (source.args.size() > most_args) add("args", "{} arguments are more than {}", source.args.size(), most_args);
    for (std::size_t i = 0; i < source.args.size(); ++i) {
      if (has_nul(source.args[i])) add(fmt::format("args[{}]", i), "an argument has no NUL character");
      if (source.args[i].size() > longest_arg)
        add(fmt::format("args[{}]", i), "the argument is longer than a process may get");
    }
    if (!source.cwd.empty() && (!source.cwd.starts_with('/') || has_nul(source.cwd))) {
      add("cwd", "the working directory must be an absolute path");
    }
    const auto legal = [](char c) { return c > 0x20 && c < 0x7F && c != '#' && c != '?'; };
    if (!source.path.starts_with('/') || !std::ranges::all_of(source.path, legal)) {
      add("path", "'{}' is not a URL path such as /mcp", printable(source.path, 80));
    }
  }

  void check_transport() {
    const Transport transport = spec_.transport;
    if (spec_.url && transport == Transport::stdio) {
      add("transport", "a server that is reached by URL speaks http or sse; stdio needs 'command'");
    }
    if (spec_.command && transport == Transport::sse) {
      add("transport", "a local process speaks stdio or http; sse is for servers that are reached by URL");
    }
    if (spec_.image && transport != Transport::http) add("transport", "a container speaks http");
    if (spec_.sharing == StdioSharing::shared && transport != Transport::stdio) {
      add("session", "'shared' is for servers with transport stdio");
    }
  }

  void check_tool_prefix() {
    const auto legal = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; };
    if (spec_.tool_prefix.size() > 64 || !std::ranges::all_of(spec_.tool_prefix, legal)) {
      add("toolPrefix", "'{}' is not a prefix: at most 64 letters, digits, dots, dashes and underscores",
          printable(spec_.tool_prefix, 80));
    }
  }

  void check_reference(const std::string& field, const std::string& value) {
    if (const auto problem = check_references(value)) add(field, "{}", *problem);
  }

  void check_length(const char* field, const std::string& text) {
    if (text.size() > longest_text) add(field, "the text is longer than {} bytes", longest_text);
  }

  void check_entries(const char* field, std::size_t count) {
    if (count > most_entries) add(field, "{} entries are more than {}", count, most_entries);
  }

  void check_words(const char* field, const std::vector<std::string>& words) {
    check_entries(field, words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool legal =
          !trim(words[i]).empty() && words[i].size() <= 256 && !std::ranges::any_of(words[i], is_control);
      if (!legal) add(fmt::format("{}[{}]", field, i), "expected 1 to 256 characters without control characters");
    }
  }

  const AdapterSpec& spec_;
  std::vector<schema::Problem> problems_;
};

}  // namespace

bool is_adapter_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name && is_lower_or_digit(name.front()) &&
         is_lower_or_digit(name.back()) &&
         std::ranges::all_of(name, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

std::vector<schema::Problem> check_adapter(const AdapterSpec& spec) {
  return Check(spec).run();
}

std::string legal_name(std::string_view name) {
  std::string legal;
  for (const char c : name) {
    const char lower = ascii_lower(c);
    if (is_lower_or_digit(lower)) {
      legal += lower;
    } else if (!legal.empty() && legal.back() != '-') {
      legal += '-';
    }
  }
  legal.resize(std::min(legal.size(), longest_name));
  while (legal.ends_with('-')) legal.pop_back();
  return legal.empty() ? "server" : legal;
}

}  // namespace gw::model
