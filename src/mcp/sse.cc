#include "mcp/sse.h"

#include <algorithm>

#include "base/strings.h"

namespace gw::mcp {
namespace {

std::size_t find_line_end(std::string_view text) {
  const auto* const end = std::find_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; });
  return end == text.end() ? std::string_view::npos : static_cast<std::size_t>(end - text.begin());
}

}  // namespace

Result<std::optional<SseEvent>> SseParser::next() {
  while (true) {
    const bool complete = take_line();
    const std::string_view line = complete ? whole_ : line_;
    too_large_ = too_large_ || line.size() + pending_data_.size() > max_event_;
    if (too_large_) return fail(Errc::too_large, "a server-sent event is larger than {} bytes", max_event_);
    if (!complete) return std::nullopt;
    if (!line.empty()) {
      read_field(line);
    } else if (dispatch()) {
      return SseEvent{event_, data_};
    }
  }
}

// Sets whole_ to the next complete line without its end. The view lasts until the next call.
bool SseParser::take_line() {
  if (!line_open_) line_.clear();
  whole_ = {};
  if (skip_lf_ && !input_.empty()) {
    skip_lf_ = false;
    if (input_[0] == '\n') input_.remove_prefix(1);
  }
  const auto end = find_line_end(input_);
  if (end == std::string_view::npos) {
    line_ += input_;
    line_open_ = !line_.empty();
    input_ = {};
    return false;
  }
  skip_lf_ = input_[end] == '\r';
  whole_ = input_.substr(0, end);
  if (line_open_) {
    line_ += whole_;
    whole_ = line_;
    line_open_ = false;
  }
  if (first_line_ && whole_.starts_with("\xEF\xBB\xBF")) whole_.remove_prefix(3);
  first_line_ = false;
  input_.remove_prefix(end + 1);
  return true;
}

void SseParser::read_field(std::string_view line) {
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (has_data_) pending_data_ += '\n';
    pending_data_ += value;
    has_data_ = true;
  } else if (name == "event") {
    pending_event_ = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) id_ = value;
  } else if (name == "retry") {
    if (const auto milliseconds = parse_unsigned(value)) retry_ = milliseconds;
  }
}

// Ends the pending event at a blank line; false when there was nothing to dispatch.
bool SseParser::dispatch() {
  event_ = pending_event_.empty() ? "message" : std::move(pending_event_);
  pending_event_.clear();
  if (!has_data_) return false;
  has_data_ = false;
  data_.swap(pending_data_);
  pending_data_.clear();
  return true;
}

void append_sse_event(std::string& out, std::string_view data, std::string_view event) {
  out.reserve(out.size() + data.size() + event.size() + 16);
  out.append("event: ").append(event).append("\n");
  while (true) {
    const auto end = find_line_end(data);
    out.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == std::string_view::npos) break;
    data.remove_prefix(data.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  out += '\n';
}

std::string sse_event(std::string_view data, std::string_view event) {
  std::string text;
  append_sse_event(text, data, event);
  return text;
}

}  // namespace gw::mcp
