#include "audit/verify.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "audit/line.h"

namespace gw::audit {
namespace {

struct Text {
  std::string text;
  bool whole = true;      // Has its line feed.
  bool too_long = false;  // `text` is only its beginning.
};

// One line after the other, in little memory however long they are.
class LineReader {
 public:
  static Result<LineReader> open(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail(Errc::not_found, "cannot open {}: {}", path.string(), std::strerror(errno));
    return LineReader(fd, path);
  }
  ~LineReader() {
    if (fd_ >= 0) ::close(fd_);
  }
  LineReader(LineReader&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)), block_(std::move(other.block_)) {}

  // Nothing at the end of the file.
  Result<std::optional<Text>> next() {
    Text line;
    while (true) {
      const auto end = block_.find('\n', at_);
      add(line, std::string_view(block_).substr(at_, end == std::string::npos ? end : end - at_));
      if (end != std::string::npos) {
        at_ = end + 1;
        return line;
      }
      GW_TRY(const bool more, fill());
      if (!more) {
        line.whole = false;
        if (line.text.empty()) return std::nullopt;
        return line;
      }
    }
  }

 private:
  LineReader(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}

  static void add(Text& line, std::string_view part) {
    const std::size_t room = longest_line - line.text.size();
    line.too_long = line.too_long || part.size() > room;
    line.text += part.substr(0, room);
  }

  Result<bool> fill() {
    block_.resize(64 << 10);
    at_ = 0;
    while (true) {
      const ssize_t n = ::read(fd_, block_.data(), block_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail(Errc::internal, "cannot read {}: {}", path_.string(), std::strerror(errno));
      block_.resize(static_cast<std::size_t>(n));
      return n > 0;
    }
  }

  int fd_;
  std::filesystem::path path_;
  std::string block_;
  std::size_t at_ = 0;
};

class Verifier {
 public:
  explicit Verifier(std::string_view after) : after_(after), found_(after.empty()) {}

  Result<> read(const std::filesystem::path& path) {
    file_ = path.string();
    line_ = 0;
    GW_TRY(LineReader reader, LineReader::open(path));
    while (true) {
      GW_TRY(const auto text, reader.next());
      if (!text) return {};
      ++line_;
      check(*text);
    }
  }

  Verdict finish() {
    if (!found_) {
      line_ = 0;
      broken("no line has the hash {}: what was noted down is not in these files", after_);
    }
    return std::move(verdict_);
  }

 private:
  void check(const Text& text) {
    const auto line = text.too_long ? std::nullopt : read_line(text.text);
    if (!line || !text.whole) {
      ++strangers_;
      return text.whole ? broken("is not an audit record") : broken("is not complete; is the file being written?");
    }
    if (!line->intact) broken("was changed: its hash is that of other text");
    if (verdict_.records == 0) {
      check_first(*line);
    } else if (line->previous != verdict_.last_hash) {
      check_gap(*line);
    } else if (line->seq != verdict_.last_seq + 1) {
      broken("has the number {} after {}, though it names the line before it", line->seq, verdict_.last_seq);
    }
    note(*line);
  }

  void check_first(const Line& line) {
    if (line.previous == after_) found_ = true;
    if ((line.seq == 1) != (line.previous == no_hash)) broken("begins a trail, and yet names a line before it");
    verdict_.first_seq = line.seq;
    verdict_.first_time = line.time;
  }

  // The line names another one before it.
  void check_gap(const Line& line) {
    const std::uint64_t expected = verdict_.last_seq + 1;
    if (line.seq == expected + strangers_ && strangers_ > 0) return;  // Those were said to be broken already.
    if (line.seq > expected) return broken("comes after {} missing lines", line.seq - expected);
    if (line.seq == expected) return broken("does not follow the line before it: one of them was replaced");
    broken("has the number {} after {}: it was moved or inserted here", line.seq, verdict_.last_seq);
  }

  void note(const Line& line) {
    if (line.hash == after_) found_ = true;
    ++verdict_.records;
    verdict_.last_seq = line.seq;
    verdict_.last_time = line.time;
    verdict_.last_hash = line.hash;
    strangers_ = 0;
  }

  template <class... Args>
  void broken(fmt::format_string<Args...> what, Args&&... args) {
    ++verdict_.broken;
    if (verdict_.breaks.size() == Verdict::max_breaks) return;
    verdict_.breaks.push_back({file_, line_, fmt::format(what, std::forward<Args>(args)...)});
  }

  const std::string after_;
  bool found_;
  Verdict verdict_;
  std::string file_;
  std::uint64_t line_ = 0;
  std::uint64_t strangers_ = 0;  // Lines that are no records since the last one that is.
};

std::uint64_t first_seq(const std::filesystem::path& path) {
  auto reader = LineReader::open(path);
  if (!reader) return 0;
  const auto text = reader->next();
  const auto line = text && *text ? read_line((*text)->text) : std::nullopt;
  return line ? line->seq : 0;
}

}  // namespace

std::vector<std::filesystem::path> in_order(std::vector<std::filesystem::path> files) {
  std::vector<std::pair<std::uint64_t, std::filesystem::path>> numbered;
  for (auto& file : files) numbered.emplace_back(first_seq(file), std::move(file));
  std::ranges::sort(numbered);
  files.clear();
  for (auto& [seq, file] : numbered) files.push_back(std::move(file));
  return files;
}

Result<Verdict> verify(const std::vector<std::filesystem::path>& files, std::string_view after) {
  Verifier verifier(after);
  for (const auto& file : files) GW_TRY_OK(verifier.read(file));
  return verifier.finish();
}

}  // namespace gw::audit
