// The tables that the configuration file is read with and documented from.
#pragma once

#include "config/options.h"
#include "model/adapter_document.h"
#include "schema/table.h"

namespace gw::config {

enum class ServerState { enabled, disabled };

// One entry of `servers` or `tools`: the adapter or tool and what only the file says.
struct ServerDocument {
  model::AdapterDocument adapter;
  std::optional<std::string> credential;
  std::optional<ServerState> state;
};

struct ConfigDocument {
  Options options;
  std::vector<ServerDocument> servers;
  std::vector<ServerDocument> tools;
};

const schema::Object<Options>& options_object();
const schema::Object<ConfigDocument>& config_object();

}  // namespace gw::config
