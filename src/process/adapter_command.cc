#include "process/adapter_command.h"

#include <system_error>

#include <fmt/format.h>

#include "base/check.h"
#include "process/local_port.h"

namespace gw::process {
namespace {

std::string with_port(const std::string& text, std::optional<std::uint16_t> port) {
  return port ? model::replace_port(text, std::to_string(*port)) : text;
}

Result<std::string> private_folder(const model::AdapterSpec& spec, const SpawnDefaults& defaults) {
  namespace fs = std::filesystem;
  const auto folder = defaults.work_root / spec.name;
  std::error_code error;
  if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) {
    return fail(Errc::unavailable,
                "cannot make the folder {} for adapter '{}': {}; make it, or give the adapter a 'cwd'", folder.string(),
                spec.name, error.message());
  }
  return folder.string();
}

}  // namespace

Result<SpawnRequest> spawn_request_for(const model::Adapter& adapter, std::uint32_t instance,
                                       const SpawnDefaults& defaults, LogBook& logs,
                                       std::optional<std::uint16_t> port) {
  const auto& spec = adapter.spec;
  GW_CHECK(spec.command.has_value(), spec.name);
  SpawnRequest request;
  request.name = fmt::format("{}/{}", spec.name, instance);
  request.command = spec.command->command;
  for (const auto& arg : spec.command->args) request.args.push_back(with_port(arg, port));
  request.environment = defaults.environment;
  if (port) request.environment["HOST"] = local_host;
  for (const auto& [name, value] : spec.environment) {
    auto resolved = model::resolve_references(with_port(value, port), defaults.sources);
    if (!resolved) {
      return std::unexpected(resolved.error()
                                 .within(fmt::format("environment variable {} of adapter '{}'", name, spec.name))
                                 .at("environmentVariables." + name));
    }
    request.environment[name] = *std::move(resolved);
  }
  if (port) request.environment["PORT"] = std::to_string(*port);
  request.cwd = spec.command->cwd;
  if (request.cwd.empty()) {
    GW_TRY(request.cwd, private_folder(spec, defaults));
  }
  request.input = port ? Input::null : Input::pipe;
  request.output = port ? Output::log : Output::pipe;
  request.log = logs.open(spec.name, instance);
  return request;
}

}  // namespace gw::process
