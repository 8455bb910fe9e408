#include "proxy/event_filter.h"

#include "mcp/sse.h"

namespace gw::proxy {
namespace {

// Takes lines with their ends off the front of an event.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find_first_of("\r\n");
  std::size_t size = end == std::string_view::npos ? rest.size() : end + 1;
  if (rest.substr(0, size).ends_with('\r') && rest.substr(size).starts_with('\n')) ++size;
  const std::string_view line = rest.substr(0, size);
  rest.remove_prefix(size);
  return line;
}

std::string_view end_of(std::string_view line) {
  const auto end = line.find_first_of("\r\n");
  return end == std::string_view::npos ? "\n" : line.substr(end);
}

bool is_data(std::string_view line) {
  constexpr std::string_view bom = "\xEF\xBB\xBF";
  if (line.starts_with(bom)) line.remove_prefix(bom.size());
  return line.starts_with("data") && (line.size() == 4 || line[4] == ':' || line[4] == '\r' || line[4] == '\n');
}

// `event` with other data, in the place of its first data line.
std::string with_data(std::string_view event, std::string_view data) {
  std::string out;
  bool written = false;
  while (!event.empty()) {
    const std::string_view line = take_line(event);
    if (!is_data(line)) {
      out += line;
    } else if (!std::exchange(written, true)) {
      std::string_view rest = data;
      while (!rest.empty()) {
        std::string_view text = take_line(rest);
        text = text.substr(0, text.find_first_of("\r\n"));
        out.append("data: ").append(text).append(end_of(line));
      }
    }
  }
  return out;
}

}  // namespace

Result<std::string_view> EventFilter::feed(std::string_view bytes, bool last) {
  out_.clear();
  held_ += bytes;
  std::size_t begin = 0;
  for (std::size_t end = 0; take_event(end); begin = end) {
    GW_TRY_OK(pass(std::string_view(held_).substr(begin, end - begin)));
  }
  held_.erase(0, begin);
  seen_ -= begin;
  line_ -= begin;
  if (held_.size() > max_filtered) {
    return fail(Errc::upstream, "the server sent an event larger than {} bytes, which cannot be checked", max_filtered);
  }
  if (last && !held_.empty()) {
    GW_TRY_OK(pass(held_));
    held_.clear();
  }
  return out_;
}

// Looks for the end of the event that begins at `end`: an empty line. When a CR made it one, an LF behind it is an
// event of its own, so that it is not held back.
bool EventFilter::take_event(std::size_t& end) {
  const std::size_t begin = end;
  while (seen_ < held_.size()) {
    const char c = held_[seen_++];
    const bool belongs_to_cr = std::exchange(after_cr_, c == '\r') && c == '\n';
    if (c != '\r' && c != '\n') continue;
    const bool complete = belongs_to_cr ? begin + 1 == seen_ : line_ + 1 == seen_;
    line_ = seen_;
    if (!complete) continue;
    end = seen_;
    return true;
  }
  return false;
}

Result<> EventFilter::pass(std::string_view event) {
  mcp::SseParser parser(max_filtered);
  const std::string terminated = std::string(event) + "\n\n";
  parser.feed(terminated);
  const auto parsed = parser.next();
  if (!parsed) return fail(Errc::upstream, "the server's event cannot be checked: {}", parsed.error().message());
  if (!*parsed || (*parsed)->data.empty()) {
    out_ += event;
    return {};
  }
  auto filtered = filter_lists((*parsed)->data, shows_);
  if (!filtered) {
    // Other events than messages are for nobody who reads JSON.
    if ((*parsed)->event == "message") return std::unexpected(filtered.error());
    out_ += event;
  } else if (*filtered) {
    out_ += with_data(event, **filtered);
  } else {
    out_ += event;
  }
  return {};
}

}  // namespace gw::proxy
