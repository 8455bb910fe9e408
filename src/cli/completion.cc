#include "cli/completion.h"

#include <fmt/core.h>

namespace gw::cli {
namespace {

constexpr std::string_view bash_frame =
    R"(# bash completion for mcp-gateway. Load it with: source <(mcp-gateway completion bash)
_mcp_gateway() {{
  local path="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do [[ $word == -* ]] || path+=" $word"; done
  local words=""
  case "$path" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _mcp_gateway mcp-gateway
)";

constexpr std::string_view zsh_frame = R"(#compdef mcp-gateway
# zsh completion for mcp-gateway. Load it with: source <(mcp-gateway completion zsh)
_mcp_gateway() {{
  local before="" word
  local -a choices
  for word in ${{words[2,CURRENT-1]}}; do [[ $word == -* ]] || before+=" $word"; done
  case "$before" in
{}  esac
  (( ${{#choices}} )) && _describe 'mcp-gateway' choices
  _files
}}
compdef _mcp_gateway mcp-gateway
)";

// Text inside single quotes of any of the three shells.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

// zsh separates a choice from its description by a colon.
std::string zsh_choice(const Word& word) {
  std::string description;
  for (const char c : word.description) description += c == ':' ? ';' : c;
  return in_quotes(word.text + ":" + description);
}

std::string pattern_of(const Command& command) {
  return command.path.empty() ? "\"\"" : "\" " + command.path + "\"";
}

std::string bash_script(const std::vector<Command>& commands) {
  std::string cases;
  for (const Command& command : commands) {
    std::string words;
    for (const Word& word : command.words) words += (words.empty() ? "" : " ") + word.text;
    cases += fmt::format("    {}) words=\"{}\" ;;\n", pattern_of(command), words);
  }
  return fmt::format(bash_frame, cases);
}

std::string zsh_script(const std::vector<Command>& commands) {
  std::string cases;
  for (const Command& command : commands) {
    std::string words;
    for (const Word& word : command.words) words += (words.empty() ? "" : " ") + zsh_choice(word);
    cases += fmt::format("    {}) choices=({}) ;;\n", pattern_of(command), words);
  }
  return fmt::format(zsh_frame, cases);
}

std::string fish_condition(const Command& command) {
  if (command.path.empty()) return "__fish_use_subcommand";
  std::string condition;
  for (std::size_t start = 0; start < command.path.size();) {
    const auto end = std::min(command.path.find(' ', start), command.path.size());
    condition += (condition.empty() ? "" : "; and ");
    condition += "__fish_seen_subcommand_from " + command.path.substr(start, end - start);
    start = end + 1;
  }
  return condition;
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string script = "# fish completion for mcp-gateway. Load it with: mcp-gateway completion fish | source\n";
  for (const Command& command : commands) {
    for (const Word& word : command.words) {
      const std::string what = word.text.starts_with("--") ? "-l " + word.text.substr(2) : "-a " + word.text;
      script += fmt::format("complete -c mcp-gateway -n {} {} -d {}\n", in_quotes(fish_condition(command)), what,
                            in_quotes(word.description));
    }
  }
  return script;
}

}  // namespace

std::string completion_script(Shell shell, const std::vector<Command>& commands) {
  switch (shell) {
    case Shell::bash: return bash_script(commands);
    case Shell::zsh: return zsh_script(commands);
    case Shell::fish: return fish_script(commands);
  }
  return {};
}

}  // namespace gw::cli
