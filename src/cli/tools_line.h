// The part of the command line that is about tools.
#pragma once

#include <optional>
#include <string>

#include "cli/tools.h"

namespace CLI {
class App;
}

namespace gw::cli {

// Filled by the parser of the App that it was added to, so it must stay where it is.
class ToolsLine {
 public:
  void add(CLI::App& app);
  // Runs the command that was given and returns its exit code; nothing when it is none of these.
  std::optional<int> run(const Console& console) const;

 private:
  CLI::App* add_command(CLI::App* group, const char* name, const char* description, const char* examples);
  void add_call(CLI::App* group);

  ToolPlace place_;
  ToolCallOptions call_;  // Its name is also that of the tool to inspect.
  std::string words_;
  Output output_ = Output::text;

  CLI::App* list_ = nullptr;
  CLI::App* inspect_ = nullptr;
  CLI::App* call_command_ = nullptr;
};

}  // namespace gw::cli
