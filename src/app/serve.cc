#include "app/serve.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "app/gateway.h"
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
std::optional<GatewaySettings> read_settings(const cli::ServeOptions& serve) {
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

// One line for each address; programs that start a gateway wait for them.
void announce(const Gateway& gateway, std::optional<int> ready_fd) {
  for (const std::string& url : gateway.urls()) {
    std::printf("mcp-gateway listening on %s\n", url.c_str());
    if (ready_fd) ::dprintf(*ready_fd, "%s\n", url.c_str());
  }
  std::fflush(stdout);
  if (ready_fd) ::close(*ready_fd);
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
  auto settings = read_settings(options);
  if (!settings) return cli::exit_failed;
  install_log(settings->options.log);

  Gateway gateway(*std::move(settings), *std::move(launcher));
  if (const auto started = gateway.start(); !started) {
    std::fprintf(stderr, "mcp-gateway: %s\n", started.error().message().c_str());
    return cli::exit_failed;
  }
  announce(gateway, options.ready_fd);
  follow_signals(signals, gateway);
  gateway.stop([&signals](Duration longest) { return signals.wait_at_most(longest); });
  return cli::exit_ok;
}

}  // namespace gw::app
