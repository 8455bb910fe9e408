#include "telemetry/log_sink.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <ctime>

#include "base/strings.h"

namespace gw::telemetry {
namespace {

LogStyle installed_style = LogStyle::text;
spdlog::logger* logger = nullptr;

spdlog::level::level_enum level_of(log::Level level) {
  switch (level) {
    case log::Level::debug: return spdlog::level::debug;
    case log::Level::info: return spdlog::level::info;
    case log::Level::warn: return spdlog::level::warn;
    case log::Level::error: return spdlog::level::err;
    case log::Level::off: return spdlog::level::off;
  }
  return spdlog::level::info;
}

void sink(log::Level level, std::string_view event, std::span<const log::Field> fields) {
  const std::string line = format_event(installed_style, wall_now(), level, event, fields);
  logger->log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

std::string timestamp(WallTime time) {
  const auto since_epoch = time.time_since_epoch().count();
  const std::time_t seconds = since_epoch / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  return fmt::format("{}.{:03}Z", std::string_view(text, length), since_epoch % 1000);
}

// Text that is safe on one line; quoted when it has blanks or quotes.
std::string text_value(std::string_view value) {
  const std::string safe = printable(value, 2000);
  if (!safe.empty() && safe.find_first_of(" \"=") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string json_text(std::string_view value) {
  std::string quoted = "\"";
  for (const char c : printable(value, 2000)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string format_event(LogStyle style, WallTime time, log::Level level, std::string_view event,
                         std::span<const log::Field> fields) {
  const bool json = style == LogStyle::json;
  std::string line =
      json ? fmt::format(R"({{"time":"{}","level":"{}","event":"{}")", timestamp(time), to_string(level), event)
           : fmt::format("{} {:5} {}", timestamp(time), to_string(level), event);
  for (const log::Field& field : fields) {
    const std::string value = field.is_number() ? std::to_string(field.number())
                              : json            ? json_text(field.text())
                                                : text_value(field.text());
    line += json ? fmt::format(R"(,"{}":{})", field.name(), value) : fmt::format(" {}={}", field.name(), value);
  }
  if (json) line += '}';
  return line;
}

void install_log_sink(LogStyle style, log::Level level, bool colours) {
  static const auto installed = [&] {
    const auto mode = colours ? spdlog::color_mode::always : spdlog::color_mode::never;
    auto target = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(mode);
    target->set_pattern(colours ? "%^%v%$" : "%v");
    auto made = std::make_shared<spdlog::logger>("gateway", target);
    made->set_level(spdlog::level::debug);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  logger = installed.get();
  installed_style = style;
  log::set_level(level);
  log::set_sink(sink);
}

}  // namespace gw::telemetry
