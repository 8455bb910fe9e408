// Structured log events: a level, a stable dotted name, and fields.
//
//   log::warn("upstream.connect_failed", {{"adapter", name}, {"error", error.message()}});
//
// An event is for a person who operates the gateway: `error` means that somebody must act, `warn` that something is
// degraded, `info` that something changed, `debug` everything else. Peers that send nonsense are `debug`. Never put a
// secret, a token, a message body or a header value of a client into a field.
// Thread-safe. Below the level it costs one relaxed load. Where events go is decided once, by set_sink.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace gw::log {

enum class Level : int { debug, info, warn, error, off };

std::string_view to_string(Level level);

// One named value. Borrows text: valid only during the call that it is an argument of.
class Field {
 public:
  Field(std::string_view name, std::string_view value) : name_(name), text_(value) {}
  Field(std::string_view name, const std::string& value) : name_(name), text_(value) {}
  Field(std::string_view name, const char* value) : name_(name), text_(value) {}
  template <class T>
    requires std::is_integral_v<T>
  Field(std::string_view name, T value) : name_(name), number_(static_cast<std::int64_t>(value)), is_number_(true) {}

  std::string_view name() const { return name_; }
  bool is_number() const { return is_number_; }
  std::string_view text() const { return text_; }
  std::int64_t number() const { return number_; }

 private:
  std::string_view name_;
  std::string_view text_;
  std::int64_t number_ = 0;
  bool is_number_ = false;
};

// Receives every event at or above the level, on the thread that logged it; must be thread-safe and must not throw.
using Sink = void (*)(Level, std::string_view event, std::span<const Field>);

// The default sink writes one line of text to standard error.
void set_sink(Sink sink);
void set_level(Level level);
bool enabled(Level level);
void write(Level level, std::string_view event, std::initializer_list<Field> fields);

#define GW_LOG_LEVEL_(name)                                                            \
  inline void name(std::string_view event, std::initializer_list<Field> fields = {}) { \
    if (enabled(Level::name)) write(Level::name, event, fields);                       \
  }
GW_LOG_LEVEL_(debug)
GW_LOG_LEVEL_(info)
GW_LOG_LEVEL_(warn)
GW_LOG_LEVEL_(error)
#undef GW_LOG_LEVEL_

}  // namespace gw::log
