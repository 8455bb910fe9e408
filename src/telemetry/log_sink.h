// Where log events go: one line each on standard error.
#pragma once

#include <span>
#include <string>

#include "base/log.h"
#include "runtime/time.h"

namespace gw::telemetry {

enum class LogStyle { text, json };

// Makes base/log.h write through spdlog in this style. Once, before threads log.
void install_log_sink(LogStyle style, log::Level level, bool colours);

// One event as a line without its end: "2026-11-21T04:05:06.789Z info adapter.ready adapter=everything" or the same as
// a JSON object. Control characters are escaped in both, so a value can neither end the line nor colour the terminal.
std::string format_event(LogStyle style, WallTime time, log::Level level, std::string_view event,
                         std::span<const log::Field> fields);

}  // namespace gw::telemetry
