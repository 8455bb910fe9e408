// What the commands do that ask a running gateway. Each writes to the console and returns the exit code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/client.h"
#include "cli/commands.h"

namespace gw::cli {

struct NewKeyOptions {
  std::string name;
  std::vector<std::string> roles;
  std::optional<std::string> expires_in;
};

// How to reach the gateway and how to write its answers.
struct Remote {
  ClientOptions client;
  Output output = Output::text;
};

// The key alone goes to standard output, so that it can be piped.
int create_key(const Remote& remote, const NewKeyOptions& key, const Console& console);
int list_keys(const Remote& remote, const Console& console);
int revoke_key(const Remote& remote, const std::string& id, const Console& console);

// The value comes from Console::read_secret, never from an argument, which other users could see.
int set_secret(const Remote& remote, const std::string& name, const Console& console);
int list_secrets(const Remote& remote, const Console& console);
int remove_secret(const Remote& remote, const std::string& name, const Console& console);

int list_adapters(const Remote& remote, const Console& console);

}  // namespace gw::cli
