#include "cli/cli.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "base/strings.h"
#include "cli/audit.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/input.h"
#include "cli/option.h"
#include "cli/remote_line.h"
#include "cli/tools_line.h"
#include "cli/why.h"

namespace gw::cli {
namespace {

constexpr const char* about =
    "mcp-gateway: one address in front of many MCP servers.\n"
    "Clients reach the server NAME at http://127.0.0.1:8000/adapters/NAME/mcp.";

constexpr const char* examples = R"(Examples:
  mcp-gateway serve                                  use ./mcp-gateway.yaml, listen on 127.0.0.1:8000
  mcp-gateway serve --config gw.yaml --listen 127.0.0.1:9000
  mcp-gateway import ~/.cursor/mcp.json --output mcp-gateway.yaml
  mcp-gateway config validate mcp-gateway.yaml       everything that is wrong, with line and column
  mcp-gateway tools call add a=2 b=40                use a tool of the running gateway

Exit codes: 0 done, 1 failed, 2 the command line was not understood.)";

constexpr const char* serve_examples =
    R"(Without --config the first of these files that exists is used: ./mcp-gateway.yaml,
$XDG_CONFIG_HOME/mcp-gateway/mcp-gateway.yaml, /etc/mcp-gateway/mcp-gateway.yaml. Changes of the
file are picked up while the gateway runs. SIGTERM and SIGINT stop it after open requests have ended.

Examples:
  mcp-gateway serve
  mcp-gateway serve --listen 127.0.0.1:0 --listen '[::1]:0' --ready-fd 3 3>urls.txt
  mcp-gateway serve --config gw.yaml --log-level debug --log-format json)";

constexpr const char* validate_examples = R"(Examples:
  mcp-gateway config validate
  mcp-gateway config validate gw.yaml --output json)";

constexpr const char* import_examples =
    R"(Reads the "mcpServers" of Claude Desktop and Cursor and the "servers" of VS Code. What cannot be
carried over is named in a warning. The result may hold secrets; --output makes it readable by its
owner only and never overwrites a file.

Examples:
  mcp-gateway import ~/Library/Application\ Support/Claude/claude_desktop_config.json
  mcp-gateway import .vscode/mcp.json --output mcp-gateway.yaml)";

constexpr const char* openapi_examples =
    R"(Makes a "tools:" section of an OpenAPI 3.0 or 3.1 document in JSON or YAML: a tool for each operation.
Credentials become references to environment variables. What cannot be carried over is named in a warning.

Examples:
  mcp-gateway import openapi petstore.yaml --prefix pets
  curl -s https://api.example.com/openapi.json | mcp-gateway import openapi - --server https://api.example.com
  mcp-gateway import openapi api.json --only 'list*' --only 'GET /orders*' --output tools.yaml)";

constexpr const char* audit_examples =
    R"(Every line carries the hash of the one before it. A trail that was cut at its end looks whole: note the
last hash down elsewhere now and then, and ask with --after whether it is still there.

Examples:
  mcp-gateway audit verify audit.jsonl audit.jsonl.[0-9]*
  mcp-gateway audit verify audit.jsonl --after "$NOTED_HASH" --output json

Exit codes: 0 intact, 1 broken or not readable, 2 the command line was not understood.)";

constexpr const char* completion_examples = R"(Examples:
  source <(mcp-gateway completion bash)
  mcp-gateway completion fish > ~/.config/fish/completions/mcp-gateway.fish)";

constexpr const char* why_examples =
    R"(Decides by the configuration file, without a running gateway: first the role rules of the server,
then the policy. What is not said is open, and the answer is whether it is possible.

Examples:
  mcp-gateway why --user alice --role mcp.engineer --adapter git
  mcp-gateway why --user alice --group /staff --adapter files --tool write_file --args '{"path":"/etc/hosts"}'
  mcp-gateway why --api-key ci --adapter git --tool push --hint destructiveHint=true --at 2026-01-31T10:00Z

Exit codes: 0 allowed, 1 not allowed, 2 the question or the file was not understood.)";

// The command line and what it fills.
struct CommandLine {
  CLI::App app{about, "mcp-gateway"};
  ServeOptions serve;
  std::optional<std::filesystem::path> validate_file;
  Output validate_output = Output::text;
  std::filesystem::path import_source;
  std::optional<std::filesystem::path> import_output;
  std::filesystem::path openapi_source;
  openapi::ImportOptions openapi;
  Shell shell = Shell::bash;
  WhyQuestion why;
  std::optional<std::filesystem::path> why_file;
  Output why_output = Output::text;
  AuditQuestion audit;
  Output audit_output = Output::text;

  CLI::App* serve_command = nullptr;
  CLI::App* config_command = nullptr;
  CLI::App* validate_command = nullptr;
  CLI::App* schema_command = nullptr;
  CLI::App* docs_command = nullptr;
  CLI::App* import_command = nullptr;
  CLI::App* openapi_command = nullptr;
  CLI::App* why_command = nullptr;
  CLI::App* audit_command = nullptr;
  CLI::App* verify_command = nullptr;
  CLI::App* completion_command = nullptr;
  RemoteLine remote;
  ToolsLine tools;

  CommandLine() {
    app.set_help_flag("--help,-h", "Show this help and exit.");
    app.set_version_flag("--version", fmt::format("mcp-gateway {}", version()), "Show the version and exit.");
    app.require_subcommand(1);
    app.get_formatter()->column_width(34);
    add_serve();
    add_config();
    add_import();
    add_why();
    add_audit();
    remote.add(app);
    tools.add(app);
    add_completion();
    app.footer(examples);  // Last: commands would inherit it.
  }

 private:
  void add_serve() {
    serve_command = app.add_subcommand("serve", "Run the gateway.");
    serve_command->footer(serve_examples);
    text_option(serve_command, "--config", "FILE", "The configuration file.",
                [this](const std::string& text) { serve.config = text; });
    texts_option(serve_command, "--listen", "HOST:PORT", "Address instead of those of the file; repeatable.",
                 serve.listen);
    text_option(serve_command, "--state-dir", "FOLDER", "Where the gateway keeps what it must remember.",
                [this](const std::string& text) { serve.state_directory = text; });
    choice_option<log::Level>(serve_command, "--log-level", "The least severe events that are logged.",
                              {{"debug", log::Level::debug},
                               {"info", log::Level::info},
                               {"warn", log::Level::warn},
                               {"error", log::Level::error}},
                              [this](log::Level level) { serve.log_level = level; });
    choice_option<config::LogFormat>(
        serve_command, "--log-format", "auto is text on a terminal and JSON elsewhere.",
        {{"auto", config::LogFormat::automatic}, {"text", config::LogFormat::text}, {"json", config::LogFormat::json}},
        [this](config::LogFormat format) { serve.log_format = format; });
    choice_option<config::RouterMode>(serve_command, "--role",
                                      "What this process does about /mcp; router.mode says more.",
                                      {{"both", config::RouterMode::both},
                                       {"gateway", config::RouterMode::gateway},
                                       {"router", config::RouterMode::router}},
                                      [this](config::RouterMode role) { serve.role = role; });
    serve_command
        ->add_option_function<int>(
            "--ready-fd", [this](const int& fd) { serve.ready_fd = fd; },
            "Descriptor that gets a line with the URLs once they can be used.")
        ->type_name("NUMBER")
        ->check(CLI::Validator(CLI::Range(0, 1 << 20)).description(""));
    serve_command->add_flag("--private", serve.is_private, "For commands that need a gateway of their own.")->group("");
  }

  void add_config() {
    config_command = app.add_subcommand("config", "Check and describe the configuration file.");
    config_command->require_subcommand(1);
    validate_command = config_command->add_subcommand("validate", "Show everything that is wrong with a file.");
    validate_command->footer(validate_examples);
    text_option(validate_command, "FILE", "", "The file; without it the one that serve would use.",
                [this](const std::string& text) { validate_file = text; });
    choice_option<Output>(validate_command, "--output", "How problems are written.",
                          {{"text", Output::text}, {"json", Output::json}},
                          [this](Output output) { validate_output = output; });
    schema_command = config_command->add_subcommand("schema", "Print a JSON Schema of the file, for editors.");
    docs_command = config_command->add_subcommand("docs", "Print the reference of the file in Markdown.");
  }

  void add_import() {
    import_command = app.add_subcommand("import", "Take over the servers of another MCP client.");
    import_command->footer(import_examples);
    import_command->add_option("FILE", import_source, "The client's JSON file.")->type_name("");
    text_option(import_command, "--output", "FILE", "Where to write; standard output without it.",
                [this](const std::string& text) { import_output = text; });
    add_openapi();
    import_command->parse_complete_callback([this] {
      if (import_source.empty() && !*openapi_command) throw CLI::RequiredError("FILE");
    });
  }

  void add_openapi() {
    openapi_command = import_command->add_subcommand("openapi", "Make tools of an OpenAPI document.");
    openapi_command->footer(openapi_examples);
    openapi_command->add_option("FILE", openapi_source, "The document; - reads standard input.")
        ->required()
        ->type_name("");
    text_option(openapi_command, "--output", "FILE", "Where to write; standard output without it.",
                [this](const std::string& text) { import_output = text; });
    text_option(openapi_command, "--server", "URL", "Address of the service; without it the first of the document.",
                [this](const std::string& text) { openapi.server = text; });
    text_option(openapi_command, "--prefix", "P", "Before the name of every tool.",
                [this](const std::string& text) { openapi.prefix = text; });
    texts_option(openapi_command, "--only", "GLOB",
                 "Operations by operationId, name of the tool, or as 'GET /pets*'; repeatable.", openapi.only);
  }

  void add_why() {
    why_command = app.add_subcommand("why", "Tell whether somebody may do something, and why.");
    why_command->footer(why_examples);
    add_why_who();
    add_why_what();
    read_option(why_command, "--from", "ADDRESS", "The client's numeric address.",
                [this](const std::string& text) { return set_network(why, text); });
    read_option(why_command, "--at", "TIME", "When, as 2026-01-31T10:00Z; now without it.",
                [this](const std::string& text) { return set_time(why, text); });
    text_option(why_command, "--config", "FILE", "The configuration file; without it the one that serve would use.",
                [this](const std::string& text) { why_file = text; });
    choice_option<Output>(why_command, "--output", "How the answer is written.",
                          {{"text", Output::text}, {"json", Output::json}},
                          [this](Output output) { why_output = output; });
    why_command->callback([this] {
      if (why.who.user.empty()) throw CLI::RequiredError("--user or --api-key");
    });
  }

  void add_why_who() {
    text_option(why_command, "--user", "USER", "The caller's id.",
                [this](const std::string& text) { why.who.user = text; });
    texts_option(why_command, "--role", "ROLE", "A role of the caller; repeatable.", why.who.roles);
    texts_option(why_command, "--group", "GROUP", "A group of the caller; repeatable.", why.who.groups);
    texts_option(why_command, "--scope", "SCOPE", "A scope of the caller; repeatable.", why.who.scopes);
    text_option(why_command, "--api-key", "KEY", "The id of the caller's API key, not the key itself.",
                [this](const std::string& text) { set_api_key(why, text); });
  }

  void add_why_what() {
    text_option(why_command, "--adapter", "NAME", "The server.",
                [this](const std::string& text) { why.adapter = text; });
    // CLI11 shows options that exclude each other in an order that differs from run to run.
    const auto item_option = [this](const char* name, const char* type, policy::ItemKind kind) {
      return read_option(why_command, name, type, fmt::format("A {} of the server.", name + 2),
                         [this, kind](const std::string& text) { return set_item(why, kind, text); });
    };
    auto* tool = item_option("--tool", "NAME", policy::ItemKind::tool);
    item_option("--prompt", "NAME", policy::ItemKind::prompt);
    item_option("--resource", "URI", policy::ItemKind::resource);
    read_option(why_command, "--args", "JSON", "The arguments of the tool call.", [this](const std::string& text) {
      return set_arguments(why, text);
    })->needs(tool);
    why_command
        ->add_option_function<std::vector<std::string>>(
            "--hint",
            [this](const std::vector<std::string>& hints) {
              for (const auto& text : hints) throw_unless(set_hint(why, text), "--hint");
            },
            "What the server says about the tool, as readOnlyHint=true; repeatable.")
        ->type_name("HINT=BOOLEAN")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->needs(tool);
  }

  void add_audit() {
    audit_command = app.add_subcommand("audit", "Look into the audit trail.");
    audit_command->require_subcommand(1);
    verify_command = audit_command->add_subcommand("verify", "Find lines that were changed, removed or inserted.");
    verify_command->footer(audit_examples);
    verify_command->add_option("FILE", audit.files, "The files of one trail, in any order.")->required()->type_name("");
    read_option(verify_command, "--after", "HASH", "A line with this hash must be there, or right before the first.",
                [this](const std::string& text) { return set_after(audit, text); });
    choice_option<Output>(verify_command, "--output", "How the answer is written.",
                          {{"text", Output::text}, {"json", Output::json}},
                          [this](Output output) { audit_output = output; });
  }

  void add_completion() {
    completion_command = app.add_subcommand("completion", "Print a completion script for a shell.");
    completion_command->footer(completion_examples);
    choice_option<Shell>(completion_command, "SHELL", "bash, zsh or fish.",
                         {{"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}},
                         [this](Shell chosen) { shell = chosen; })
        ->required();
  }
};

void collect_commands(CLI::App& app, const std::string& path, std::vector<Command>& commands) {
  Command command{path, {}};
  for (auto* child : app.get_subcommands({})) command.words.push_back({child->get_name(), child->get_description()});
  for (auto* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    for (const auto& name : option->get_lnames()) command.words.push_back({"--" + name, option->get_description()});
  }
  commands.push_back(std::move(command));
  for (auto* child : app.get_subcommands({})) {
    collect_commands(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), commands);
  }
}

void collect_help(CLI::App& app, const std::string& parent, std::string& out) {
  const std::string path = parent.empty() ? app.get_name() : parent + " " + app.get_name();
  out += fmt::format("$ {} --help\n{}\n", path, app.help(parent));
  for (auto* child : app.get_subcommands({})) collect_help(*child, path, out);
}

// The deepest command that was recognized before the parser gave up.
CLI::App& last_parsed(CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : last_parsed(*parsed.back());
}

int usage_error(CLI::App& app, const CLI::ParseError& error, const Console& console) {
  CLI::App& command = last_parsed(app);
  const auto unknown = app.remaining(true);
  if (unknown.empty()) console.err << "mcp-gateway: " << error.what() << '\n';
  std::vector<Command> known;
  collect_commands(command, "", known);
  std::vector<std::string> words;
  for (const Word& word : known.front().words) words.push_back(word.text);
  for (const auto& word : unknown) {
    console.err << fmt::format("mcp-gateway: '{}' is not known here", printable(word, 80));
    if (const auto suggestion = nearest(word, words)) console.err << fmt::format("; did you mean '{}'?", *suggestion);
    console.err << '\n';
  }
  std::string path = command.get_name();
  for (auto* parent = command.get_parent(); parent; parent = parent->get_parent())
    path = parent->get_name() + " " + path;
  console.err << fmt::format("Try '{} --help'.\n", path);
  return exit_usage;
}

int dispatch(CommandLine& line, const Handlers& handlers, const Console& console) {
  if (*line.serve_command) return handlers.serve(line.serve);
  if (*line.validate_command) return validate_config(line.validate_file, line.validate_output, console);
  if (*line.schema_command) return print_schema(console);
  if (*line.docs_command) return print_reference(console);
  if (*line.openapi_command) {
    return import_openapi(line.openapi_source, line.openapi, line.import_output, console);
  }
  if (*line.import_command) return import_file(line.import_source, line.import_output, console);
  if (*line.why_command) return why(line.why, line.why_file, line.why_output, console);
  if (*line.verify_command) return verify_audit(line.audit, line.audit_output, console);
  if (const auto code = line.remote.run(console)) return *code;
  if (const auto code = line.tools.run(console)) return *code;
  std::vector<Command> commands;
  collect_commands(line.app, "", commands);
  console.out << completion_script(line.shell, commands);
  return exit_ok;
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (!value) return {};
  return value;
}

std::size_t terminal_width() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) != 1) return 0;
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

void overlay(config::Options& options, const ServeOptions& serve) {
  if (!serve.listen.empty()) options.listen.clear();
  for (const auto& address : serve.listen) options.listen.push_back({.address = address, .tls = {}});
  if (serve.state_directory) options.state_directory = std::filesystem::absolute(*serve.state_directory);
  if (serve.log_level) options.log.level = *serve.log_level;
  if (serve.log_format) options.log.format = *serve.log_format;
  if (serve.role) options.router.mode = *serve.role;
}

int run(int argc, const char* const* argv, const Handlers& handlers, const Console& console) {
  CommandLine line;
  if (argc <= 1) {
    console.err << line.app.help();
    return exit_usage;
  }
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    line.app.exit(success, console.out, console.err);
    return exit_ok;
  } catch (const CLI::ParseError& error) {
    return usage_error(line.app, error, console);
  }
  const int code = dispatch(line, handlers, console);
  console.out.flush();
  return console.out.good() ? code : exit_failed;
}

int run(int argc, const char* const* argv, const Handlers& handlers) {
  Console console{.out = std::cout,
                  .err = std::cerr,
                  .environment = process_environment,
                  .read_secret = read_secret,
                  .width = terminal_width(),
                  .is_watched = ::isatty(STDERR_FILENO) == 1};
  if (::isatty(STDIN_FILENO) == 1 && console.is_watched) console.read_line = read_line;
  return run(argc, argv, handlers, console);
}

std::string all_help() {
  CommandLine line;
  std::string out;
  collect_help(line.app, "", out);
  return out;
}

std::string_view version() {
  return GW_VERSION;
}

}  // namespace gw::cli
