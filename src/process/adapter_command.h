// From an adapter with a command to the process to start.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "model/adapter.h"
#include "model/reference.h"
#include "process/environment.h"
#include "process/log_book.h"
#include "process/spawn_request.h"

namespace gw::process {

// What every process of the gateway starts from.
struct SpawnDefaults {
  Environment environment;          // See inherited_environment(); an adapter's own variables are added to it.
  std::filesystem::path work_root;  // Holds the private folder (mode 0700) of each adapter without a cwd.
  model::ReferenceSources sources;  // Where references in the values of an adapter's environment lead.
};

// Speaks stdio: both pipes. With a `port`, speaks HTTP: no input, output to the log, PORT and HOST set, and `${port}`
// replaced in arguments and in the adapter's variables. The log is the instance's in `logs`. Makes the private folder.
// The adapter must have a command. Errors: those of model::resolve_references, naming the variable; Errc::unavailable
// when the folder cannot be made.
Result<SpawnRequest> spawn_request_for(const model::Adapter& adapter, std::uint32_t instance,
                                       const SpawnDefaults& defaults, LogBook& logs,
                                       std::optional<std::uint16_t> port = {});

}  // namespace gw::process
