#include "stdio/line_framer.h"

namespace gw::stdio {

Result<std::optional<std::string_view>> LineFramer::next() {
  while (!too_large_) {
    const auto line = take_line();
    too_large_ = (line ? line->size() : part_.size()) > max_line_;
    if (!line && !too_large_) return std::nullopt;
    if (line && !too_large_ && line->find_first_not_of(" \t") != std::string_view::npos) return line;
  }
  return fail(Errc::too_large, "the server wrote a message larger than {} bytes, the limit for one message", max_line_);
}

std::optional<std::string_view> LineFramer::take_line() {
  if (part_done_) part_.clear();
  part_done_ = false;
  const auto end = input_.find('\n');
  const auto piece = input_.substr(0, end);
  input_.remove_prefix(end == std::string_view::npos ? input_.size() : end + 1);
  std::string_view line = piece;
  if (end == std::string_view::npos || !part_.empty()) line = part_.append(piece);
  if (end == std::string_view::npos) return {};
  part_done_ = !part_.empty();
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace gw::stdio
