#include "base/log.h"

#include <atomic>
#include <cstdio>

#include <fmt/format.h>

namespace gw::log {
namespace {

void write_to_stderr(Level level, std::string_view event, std::span<const Field> fields) {
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line), "{} {}", to_string(level), event);
  for (const Field& field : fields) {
    if (field.is_number()) {
      fmt::format_to(std::back_inserter(line), " {}={}", field.name(), field.number());
    } else {
      fmt::format_to(std::back_inserter(line), " {}={}", field.name(), field.text());
    }
  }
  line.push_back('\n');
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::atomic<Sink> current_sink{write_to_stderr};
std::atomic<Level> current_level{Level::info};

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warn: return "warn";
    case Level::error: return "error";
    case Level::off: return "off";
  }
  return "info";
}

void set_sink(Sink sink) {
  current_sink.store(sink, std::memory_order_release);
}
void set_level(Level level) {
  current_level.store(level, std::memory_order_relaxed);
}
bool enabled(Level level) {
  return level >= current_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  current_sink.load(std::memory_order_acquire)(level, event, {fields.begin(), fields.size()});
}

}  // namespace gw::log
