#include "app/serve.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "app/gateway.h"
#include "app/private_mode.h"
#include "app/signals.h"
#include "base/log.h"
#include "base/strings.h"
#include "telemetry/log_sink.h"

namespace gw::app {
namespace {

std::optional<std::string> environment_variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

void install_log(const config::LogOptions& options) {
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const bool json =
      options.format == config::LogFormat::json || (options.format == config::LogFormat::automatic && !terminal);
  const bool colours = terminal && !json && !environment_variable("NO_COLOR");
  telemetry::install_log_sink(json ? telemetry::LogStyle::json : telemetry::LogStyle::text, options.level, colours);
}

// The file and the command line together, or nothing after everything that is wrong was printed.
std::optional<GatewaySettings> read_settings(const cli::ServeOptions& serve, const std::optional<PrivateMode>& mode) {
  GatewaySettings settings;
  if (const auto file = serve.config ? serve.config : config::find_config_file(environment_variable)) {
    auto loaded = config::load_file(*file);
    if (!loaded) {
      for (const config::Problem& problem : loaded.error())
        std::fprintf(stderr, "%s\n", config::to_string(problem).c_str());
      return {};
    }
    for (const config::Problem& warning : loaded->warnings) {
      std::fprintf(stderr, "warning: %s\n", config::to_string(warning).c_str());
    }
    settings.config_file = *file;
    settings.loaded = *std::move(loaded);
  }
  if (mode) {
    settings.config_file.clear();  // Not followed: it would bring back what does not count.
    settings.loaded.options = mode->restrict(settings.loaded.options);
  }
  settings.options = settings.loaded.options;
  cli::overlay(settings.options, serve);
  const auto problems = config::check_options(settings.options);
  for (const auto& problem : problems) std::fprintf(stderr, "%s: %s\n", problem.field.c_str(), problem.message.c_str());
  if (!problems.empty()) return {};
  if (const auto resolved = config::resolve_paths(settings.options, environment_variable); !resolved) {
    std::fprintf(stderr, "%s\n", resolved.error().message().c_str());
    return {};
  }
  settings.environment = environment_variable;
  settings.log_level_given = serve.log_level.has_value();
  return settings;
}

// One line for each address; programs that start a gateway wait for them. The one that it is private to gets the key.
// False when that program has gone.
bool announce(const Gateway& gateway, std::optional<int> ready_fd, const std::optional<PrivateMode>& mode) {
  bool heard = true;
  for (const std::string& url : gateway.urls()) {
    std::printf("mcp-gateway listening on %s\n", url.c_str());
    if (ready_fd) ::dprintf(*ready_fd, "%s\n", url.c_str());
  }
  std::fflush(stdout);
  if (ready_fd && mode) heard = ::dprintf(*ready_fd, "%s\n", std::string(mode->key().reveal()).c_str()) > 0;
  if (ready_fd) ::close(*ready_fd);
  return heard;
}

// Waits for the signals that steer a gateway, until one asks it to end.
void follow_signals(Signals& signals, Gateway& gateway) {
  while (true) {
    switch (signals.wait()) {
      case Signals::Wish::reload: gateway.reload(); break;
      case Signals::Wish::end: return;
    }
  }
}

}  // namespace

int serve(const cli::ServeOptions& options) {
  // The launcher is forked before there are threads, and before anything secret is read.
  auto launcher = process::LauncherProcess::start();
  if (!launcher) {
    std::fprintf(stderr, "mcp-gateway: %s\n", launcher.error().message().c_str());
    return cli::exit_failed;
  }
  Signals signals;
  std::optional<PrivateMode> mode;
  if (options.is_private) {
    auto begun = PrivateMode::begin();
    if (!begun) {
      std::fprintf(stderr, "mcp-gateway: %s\n", begun.error().message().c_str());
      return cli::exit_failed;
    }
    mode.emplace(*std::move(begun));
  }
  auto settings = read_settings(options, mode);
  if (!settings) return cli::exit_failed;
  install_log(settings->options.log);

  Gateway gateway(*std::move(settings), *std::move(launcher));
  if (const auto started = gateway.start(); !started) {
    std::fprintf(stderr, "mcp-gateway: %s\n", started.error().message().c_str());
    return cli::exit_failed;
  }
  if (announce(gateway, options.ready_fd, mode)) follow_signals(signals, gateway);
  gateway.stop([&signals](Duration longest) { return signals.wait_at_most(longest); });
  return cli::exit_ok;
}

}  // namespace gw::app
