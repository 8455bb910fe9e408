#include "cli/remote_line.h"

#include "cli/option.h"

namespace gw::cli {
namespace {

constexpr const char* about_asking =
    R"(Asks the gateway at --url, or else $MCP_GATEWAY_URL, or else http://127.0.0.1:8000. Who you are says a
bearer token or an API key in --token-file, --token (which other users of the machine can see) or
$MCP_GATEWAY_TOKEN.)";

constexpr const char* keys_examples = R"(

Examples:
  mcp-gateway keys create ci --role mcp.engineer --expires-in 90d >ci.key
  mcp-gateway keys ls --output json
  mcp-gateway keys revoke k3v5x2m7qabc)";

constexpr const char* secrets_examples = R"(

Examples:
  mcp-gateway secrets set search-token           asks for the value
  mcp-gateway secrets set search-token <token.txt
  mcp-gateway secrets rm search-token

Servers refer to it as ${secret:search-token}.)";

}  // namespace

void add_client_options(CLI::App* command, ClientOptions& client) {
  text_option(command, "--url", "URL", "Where the gateway is.",
              [&client](const std::string& text) { client.url = text; });
  auto* const token = text_option(command, "--token", "TOKEN", "A bearer token or an API key.",
                                  [&client](const std::string& text) { client.token = text; });
  text_option(command, "--token-file", "FILE", "A file that holds it.", [&client](const std::string& text) {
    client.token_file = text;
  })->excludes(token);
}

CLI::App* RemoteLine::add_command(CLI::App* group, const char* name, const char* description) {
  CLI::App* const command = group->add_subcommand(name, description);
  add_client_options(command, remote_.client);
  choice_option<Output>(command, "--output", "How the answer is written.",
                        {{"text", Output::text}, {"json", Output::json}},
                        [this](Output output) { remote_.output = output; });
  return command;
}

void RemoteLine::add(CLI::App& app) {
  const auto group = [&](const char* name, const char* description, const char* examples) {
    CLI::App* const made = app.add_subcommand(name, description);
    made->require_subcommand(1);
    made->footer(std::string(about_asking) + examples);
    return made;
  };
  const auto named = [this](CLI::App* command, const char* name, const char* what) {
    command->add_option(name, name_, what)->required()->type_name("");
  };
  CLI::App* const keys = group("keys", "Manage API keys of a running gateway.", keys_examples);
  create_key_ = add_command(keys, "create", "Make a key and show it once.");
  create_key_->add_option("NAME", new_key_.name, "What the key is for.")->required()->type_name("");
  texts_option(create_key_, "--role", "ROLE", "A role of whoever uses the key; repeatable.", new_key_.roles);
  text_option(create_key_, "--expires-in", "DURATION", "How long it counts, such as 90d; without it for ever.",
              [this](const std::string& text) { new_key_.expires_in = text; });
  list_keys_ = add_command(keys, "ls", "List your keys; administrators see all.");
  revoke_key_ = add_command(keys, "revoke", "Revoke a key at once.");
  named(revoke_key_, "ID", "The key's id.");

  CLI::App* const secrets = group("secrets", "Manage secrets of a running gateway.", secrets_examples);
  set_secret_ = add_command(secrets, "set", "Set a secret to what standard input says.");
  named(set_secret_, "NAME", "The secret's name.");
  list_secrets_ = add_command(secrets, "ls", "List the names of secrets.");
  remove_secret_ = add_command(secrets, "rm", "Remove a secret.");
  named(remove_secret_, "NAME", "The secret's name.");

  CLI::App* const adapters = group("adapters", "Look at the adapters of a running gateway.", "");
  list_adapters_ = add_command(adapters, "ls", "List the adapters that you may use.");
}

std::optional<int> RemoteLine::run(const Console& console) const {
  if (*create_key_) return create_key(remote_, new_key_, console);
  if (*list_keys_) return list_keys(remote_, console);
  if (*revoke_key_) return revoke_key(remote_, name_, console);
  if (*set_secret_) return set_secret(remote_, name_, console);
  if (*list_secrets_) return list_secrets(remote_, console);
  if (*remove_secret_) return remove_secret(remote_, name_, console);
  if (*list_adapters_) return list_adapters(remote_, console);
  return {};
}

}  // namespace gw::cli
