#include "bench/common/http_reader.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace gw::bench {
namespace {

constexpr std::size_t kMaxHead = 64 * 1024;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

template <class Number>
bool parse_number(std::string_view text, Number& number, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc{} && end != text.data();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

int MessageHead::status() const {
  int status = 0;
  if (start_line.size() >= 12 && start_line.starts_with("HTTP/1.")) parse_number(start_line.substr(9, 3), status, 10);
  return status;
}

std::string_view MessageHead::method() const {
  return start_line.substr(0, start_line.find(' '));
}

std::string_view MessageHead::path() const {
  const auto begin = start_line.find(' ');
  if (begin == std::string_view::npos) return {};
  const auto rest = start_line.substr(begin + 1);
  return rest.substr(0, rest.find(' '));
}

bool HttpReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!step(bytes)) return false;
  }
  return true;
}

bool HttpReader::finish() {
  if (state_ == State::until_close) end_message();
  return state_ == State::head && partial_.empty();
}

bool HttpReader::step(std::string_view& bytes) {
  switch (state_) {
    case State::head: return take_head(bytes);
    case State::until_close:
      sink_.on_body(bytes);
      bytes = {};
      return true;
    case State::fixed:
      take_data(bytes, State::head);
      if (state_ == State::head) sink_.on_message_end();
      return true;
    case State::chunk_size: return take_chunk_size(bytes);
    case State::chunk_data: take_data(bytes, State::chunk_end); return true;
    case State::chunk_end:
    case State::trailers: return take_trailer(bytes);
  }
  return false;
}

bool HttpReader::take_head(std::string_view& bytes) {
  constexpr std::string_view end_mark = "\r\n\r\n";
  if (partial_.empty()) {
    if (const auto end = bytes.find(end_mark); end != std::string_view::npos) {
      const auto head = bytes.substr(0, end + 2);
      bytes.remove_prefix(end + end_mark.size());
      return begin_message(head);
    }
  }
  const std::size_t before = partial_.size();
  partial_ += bytes;
  const auto end = partial_.find(end_mark, before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    bytes = {};
    return partial_.size() <= kMaxHead;
  }
  bytes.remove_prefix(end + end_mark.size() - before);
  partial_.resize(end + 2);
  const std::string head = std::move(partial_);
  partial_.clear();
  return begin_message(head);
}

bool HttpReader::begin_message(std::string_view head) {
  MessageHead message;
  bool chunked = false;
  bool has_length = false;
  remaining_ = 0;
  for (std::size_t at = 0; at < head.size();) {
    const auto end = head.find("\r\n", at);
    const auto line = head.substr(at, end - at);
    at = end + 2;
    if (message.start_line.empty()) {
      message.start_line = line;
      continue;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    if (equal_ignoring_case(name, "content-length")) {
      has_length = true;
      if (!parse_number(value, remaining_, 10)) return false;
    } else if (equal_ignoring_case(name, "transfer-encoding")) {
      chunked = equal_ignoring_case(value, "chunked");
    } else if (equal_ignoring_case(name, "mcp-session-id")) {
      message.session_id = value;
    } else if (equal_ignoring_case(name, "content-type")) {
      message.event_stream = value.starts_with("text/event-stream");
    }
  }
  const int status = message.status();
  if (kind_ == Kind::responses && status == 0) return false;
  const bool bodiless = status == 204 || status == 304 || (status >= 100 && status < 200);
  sink_.on_head(message);
  if (chunked) {
    state_ = State::chunk_size;
  } else if (has_length && remaining_ > 0) {
    state_ = State::fixed;
  } else if (kind_ == Kind::requests || has_length || bodiless) {
    end_message();
  } else {
    state_ = State::until_close;
  }
  return true;
}

void HttpReader::take_data(std::string_view& bytes, State next) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), remaining_));
  remaining_ -= size;
  if (remaining_ == 0) state_ = next;
  sink_.on_body(bytes.substr(0, size));
  bytes.remove_prefix(size);
}

bool HttpReader::take_chunk_size(std::string_view& bytes) {
  std::string line;
  if (!take_line(bytes, line)) return partial_.size() <= kMaxHead;
  if (!parse_number(std::string_view(line), remaining_, 16)) return false;
  state_ = remaining_ == 0 ? State::trailers : State::chunk_data;
  return true;
}

bool HttpReader::take_trailer(std::string_view& bytes) {
  std::string line;
  if (!take_line(bytes, line)) return partial_.size() <= kMaxHead;
  if (state_ == State::chunk_end) {
    state_ = State::chunk_size;
    return line.empty();
  }
  if (line.empty()) end_message();
  return true;
}

bool HttpReader::take_line(std::string_view& bytes, std::string& line) {
  const auto end = bytes.find('\n');
  partial_ += bytes.substr(0, end);
  if (end == std::string_view::npos) {
    bytes = {};
    return false;
  }
  bytes.remove_prefix(end + 1);
  if (partial_.ends_with('\r')) partial_.pop_back();
  line = std::move(partial_);
  partial_.clear();
  return true;
}

void HttpReader::end_message() {
  state_ = State::head;
  sink_.on_message_end();
}

}  // namespace gw::bench
