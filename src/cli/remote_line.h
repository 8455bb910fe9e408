// The part of the command line that asks a running gateway: keys, secrets, adapters.
#pragma once

#include <optional>
#include <string>

#include "cli/remote_commands.h"

namespace CLI {
class App;
}

namespace gw::cli {

// --url, --token and --token-file. `client` must stay where it is.
void add_client_options(CLI::App* command, ClientOptions& client);

// Filled by the parser of the App that it was added to, so it must stay where it is.
class RemoteLine {
 public:
  void add(CLI::App& app);
  // Runs the command that was given and returns its exit code; nothing when it is none of these.
  std::optional<int> run(const Console& console) const;

 private:
  CLI::App* add_command(CLI::App* group, const char* name, const char* description);

  Remote remote_;
  NewKeyOptions new_key_;
  std::string name_;  // Of the key or secret.

  CLI::App* create_key_ = nullptr;
  CLI::App* list_keys_ = nullptr;
  CLI::App* revoke_key_ = nullptr;
  CLI::App* set_secret_ = nullptr;
  CLI::App* list_secrets_ = nullptr;
  CLI::App* remove_secret_ = nullptr;
  CLI::App* list_adapters_ = nullptr;
};

}  // namespace gw::cli
