// Server-sent events (WHATWG HTML section 9.2), as MCP uses them: one JSON-RPC message per event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace gw::mcp {

// A dispatched event. Borrows from the parser until its next call.
struct SseEvent {
  std::string_view event = "message";
  std::string_view data;
};

// Incremental parser. The same bytes give the same events, however they are cut into pieces.
//
//   parser.feed(chunk);
//   while (true) {
//     GW_TRY(const auto event, parser.next());
//     if (!event) break;
//     …
//   }
//
// Line ends are CR, LF or CRLF; a byte-order mark at the start, comments and unknown fields are ignored. An event
// without a data line is not dispatched, but its id and retry count (a "priming" event). What follows the last blank
// line when the stream ends is dropped, as the standard says.
class SseParser {
 public:
  // `max_event` bounds the bytes of one event, in any state.
  explicit SseParser(std::size_t max_event = 16 << 20) : max_event_(max_event) {}

  // `bytes` must stay valid until next() has returned nothing. The bytes fed before must have been used up.
  void feed(std::string_view bytes) { input_ = bytes; }

  // The next complete event, or nothing when more bytes are needed. Errc::too_large is final.
  Result<std::optional<SseEvent>> next();

  // The value of the last `id` field of the stream so far; ids that contain NUL are ignored.
  const std::string& last_event_id() const { return id_; }
  // Milliseconds, from the last well-formed `retry` field.
  std::optional<std::uint64_t> retry() const { return retry_; }

 private:
  bool take_line();
  void read_field(std::string_view line);
  bool dispatch();

  std::size_t max_event_;
  std::string_view input_;
  std::string line_;        // The part of a line that came with earlier bytes.
  std::string_view whole_;  // The line that take_line found.
  bool line_open_ = false;  // line_ holds a part that still grows.
  bool skip_lf_ = false;    // The last byte was CR: an LF belongs to it.
  bool first_line_ = true;
  bool too_large_ = false;
  std::string event_;
  std::string data_;
  bool has_data_ = false;
  std::string pending_event_;
  std::string pending_data_;
  std::string id_;
  std::optional<std::uint64_t> retry_;
};

// Appends one event. Line breaks in `data` become several data lines; `event` must be a plain word.
void append_sse_event(std::string& out, std::string_view data, std::string_view event = "message");
std::string sse_event(std::string_view data, std::string_view event = "message");

// A comment that keeps an idle stream alive.
inline constexpr std::string_view sse_keepalive = ": keepalive\n\n";

}  // namespace gw::mcp
