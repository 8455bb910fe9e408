// Completion scripts for shells, made from the description of the command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::cli {

// A word that can follow a command: a subcommand or an option.
struct Word {
  std::string text;
  std::string description;
};

struct Command {
  std::string path;  // "config validate"; empty for the program itself.
  std::vector<Word> words;
};

enum class Shell { bash, zsh, fish };

std::string completion_script(Shell shell, const std::vector<Command>& commands);

}  // namespace gw::cli
