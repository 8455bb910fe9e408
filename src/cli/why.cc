#include "cli/why.h"

#include <algorithm>
#include <ostream>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "config/load.h"
#include "identity/ownership.h"
#include "json/json.h"
#include "json/timestamp.h"
#include "net/address.h"
#include "policy/explain_text.h"

namespace gw::cli {
namespace {

namespace fs = std::filesystem;

struct RoleAnswer {
  bool allowed = false;
  std::string because;
};

struct WhyAnswer {
  std::optional<RoleAnswer> roles;  // Nothing where no server of the file is asked about.
  policy::Explanation policy;

  bool allowed() const { return (!roles || roles->allowed) && policy.decision.allowed(); }
};

std::string listed(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += fmt::format("{}'{}'", all.empty() ? "" : ", ", printable(text, 80));
  return all;
}

RoleAnswer ask_roles(const identity::Principal& who, const model::AdapterSpec& server, const config::Options& options) {
  const std::string name = printable(server.name, 80);
  if (!options.auth.enabled()) return {true, "nobody is asked who he is, as 'auth' is not configured"};
  const std::string& admin = options.auth.admin_role;
  if (identity::is_admin(who, admin)) return {true, fmt::format("the caller is an administrator by role '{}'", admin)};
  const identity::Ownership ownership{.created_by = "configuration", .required_roles = server.required_roles};
  const auto& roles = server.required_roles;
  if (identity::may_read(who, ownership, admin)) {
    const bool everybody = std::ranges::find(roles, identity::everybody) != roles.end();
    return {true, everybody
                      ? fmt::format("'{}' is for everybody", name)
                      : fmt::format("the caller has one of the roles {} that '{}' asks for", listed(roles), name)};
  }
  if (roles.empty()) return {false, fmt::format("'{}' has no requiredRoles, so it is for administrators only", name)};
  return {false, fmt::format("the caller has none of the roles {} that '{}' asks for", listed(roles), name)};
}

// Null, with a warning where a name was given, when the file has no such server.
const model::AdapterSpec* find_server(const std::string& name, const config::Loaded& loaded, const Console& console) {
  if (name.empty()) return nullptr;
  const auto server = std::ranges::find(loaded.servers, name, &model::AdapterSpec::name);
  if (server != loaded.servers.end()) return &*server;
  std::vector<std::string> names;
  for (const auto& other : loaded.servers) names.push_back(other.name);
  const auto meant = nearest(name, names);
  console.err << fmt::format("warning: the file has no server '{}', so only the policy is asked{}\n",
                             printable(name, 80), meant ? fmt::format("; did you mean '{}'?", *meant) : "");
  return nullptr;
}

std::string answer_text(const WhyAnswer& answer) {
  std::string text = answer.allowed() ? "allowed\n" : "not allowed\n";
  if (answer.roles) {
    text += fmt::format("role rules: {}: {}\n", answer.roles->allowed ? "allowed" : "denied", answer.roles->because);
  }
  return text + "policy: " + policy::explain_text(answer.policy);
}

boost::json::object answer_json(const WhyAnswer& answer) {
  boost::json::object json{{"allowed", answer.allowed()}, {"roleRules", nullptr}};
  if (answer.roles) {
    json["roleRules"] = {{"allowed", answer.roles->allowed}, {"because", answer.roles->because}};
  }
  json["policy"] = policy::explain_json(answer.policy);
  return json;
}

int cannot(std::string_view message, const Console& console) {
  console.err << "mcp-gateway: " << message << '\n';
  return exit_usage;
}

int answer(const WhyQuestion& question, const config::Loaded& loaded, Output output, const Console& console) {
  const auto policy = policy::Policy::compile(loaded.options.policy);
  if (!policy) {
    const auto& problem = policy.error().front();
    return cannot(fmt::format("policy.{}: {}", problem.field, problem.message), console);
  }
  WhyAnswer answer{.roles = {}, .policy = policy->explain(question.asked(wall_now()))};
  if (const auto* server = find_server(question.adapter, loaded, console)) {
    answer.roles = ask_roles(question.who, *server, loaded.options);
  }
  console.out << (output == Output::json ? json::to_pretty_text(answer_json(answer)) : answer_text(answer));
  return answer.allowed() ? exit_ok : exit_failed;
}

}  // namespace

policy::Question WhyQuestion::asked(WallTime now) const {
  return {.who = &who,
          .adapter = adapter,
          .kind = kind,
          .item = item,
          .hints = hints,
          .arguments = arguments,
          .network = network,
          .now = at.value_or(now)};
}

Result<> set_item(WhyQuestion& question, policy::ItemKind kind, std::string_view name) {
  if (question.kind != policy::ItemKind::none) return fail(Errc::invalid, "ask about one tool, prompt or resource");
  question.kind = kind;
  question.item = name;
  return {};
}

Result<> set_hint(WhyQuestion& question, std::string_view text) {
  const auto equals = std::min(text.find('='), text.size());
  const auto name = text.substr(0, equals);
  const auto value = text.substr(std::min(equals + 1, text.size()));
  if (value != "true" && value != "false") {
    return fail(Errc::invalid, "'{}' is not a hint; write for example readOnlyHint=true", printable(text, 80));
  }
  const auto* hint = std::ranges::find(policy::hint_names, name, &policy::HintName::name);
  if (hint == policy::hint_names.end()) {
    return fail(Errc::invalid,
                "there is no hint '{}'; there are readOnlyHint, destructiveHint, idempotentHint and "
                "openWorldHint",
                printable(name, 80));
  }
  if (!question.hints) question.hints.emplace();
  (*question.hints).*hint->member = value == "true";
  return {};
}

Result<> set_time(WhyQuestion& question, std::string_view text) {
  question.at = json::parse_timestamp(text);
  constexpr std::size_t minutes_end = std::string_view("2026-01-31T10:00").size();
  if (!question.at && text.size() > minutes_end) {
    question.at = json::parse_timestamp(fmt::format("{}:00{}", text.substr(0, minutes_end), text.substr(minutes_end)));
  }
  if (question.at) return {};
  return fail(Errc::invalid, "'{}' is not a time such as 2026-01-31T10:00Z", printable(text, 80));
}

Result<> set_arguments(WhyQuestion& question, std::string_view text) {
  GW_TRY(const auto parsed, json::parse(text));
  if (!parsed.is_object()) return fail(Errc::invalid, "arguments are an object, such as {{\"path\":\"/tmp\"}}");
  question.arguments = text;
  return {};
}

Result<> set_network(WhyQuestion& question, std::string_view text) {
  if (!net::SocketAddress::from_numeric(std::string(text), 0)) {
    return fail(Errc::invalid, "'{}' is not a numeric address such as 192.0.2.7", printable(text, 80));
  }
  question.network = text;
  return {};
}

void set_api_key(WhyQuestion& question, std::string_view id) {
  question.who.method = identity::Method::api_key;
  question.who.api_key = id;
  if (question.who.user.empty()) question.who.user = "key:" + question.who.api_key;
}

int why(const WhyQuestion& question, const std::optional<fs::path>& file, Output output, const Console& console) {
  const auto chosen = choose_config_file(file, console);
  if (!chosen) return cannot(chosen.error().message(), console);
  const auto loaded = config::load_file(*chosen);
  if (!loaded) {
    for (const auto& problem : loaded.error()) console.err << config::to_string(problem) << '\n';
    return exit_usage;
  }
  return answer(question, *loaded, output, console);
}

}  // namespace gw::cli
