#include "audit/output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <utility>

#include "audit/line.h"
#include "base/log.h"

namespace gw::audit {
namespace {

constexpr int open_flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
constexpr int patience_ms = 1000;
// After a loss of power a file may end with as many zeros as had been written last.
constexpr std::size_t longest_torn_part = 32 << 20;

struct Fd {
  int fd = -1;
  explicit Fd(int f) : fd(f) {}
  Fd(Fd&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
  ~Fd() {
    if (fd >= 0) ::close(fd);
  }
  int release() { return std::exchange(fd, -1); }
};

Errc code_of(int error) {
  return error == EACCES || error == EPERM ? Errc::forbidden : error == ENOENT ? Errc::not_found : Errc::unavailable;
}

std::unexpected<Error> failed(std::string_view what, const std::string& path) {
  return fail(code_of(errno), "cannot {} {}: {}", what, path, std::strerror(errno));
}

std::string numbered(const std::string& path, std::uint32_t number) {
  return path + "." + std::to_string(number);
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// So that names survive a loss of power, too. A file system that cannot do it does not matter.
void sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const Fd fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.fd >= 0) ::fsync(fd.fd);
}

Result<Fd> open_locked(const std::string& path) {
  while (true) {
    Fd file(::open(path.c_str(), open_flags | O_CREAT, 0600));
    if (file.fd < 0) return failed("open the audit trail", path);
    struct stat opened{};
    struct stat named{};
    if (::fstat(file.fd, &opened) != 0 || !S_ISREG(opened.st_mode)) {
      return fail(Errc::invalid, "the audit trail {} is not a regular file; name another", path);
    }
    if (::flock(file.fd, LOCK_EX | LOCK_NB) != 0) {
      return fail(Errc::conflict, "the audit trail {} is in use by another gateway; give each its own audit.path",
                  path);
    }
    // Another gateway may have rotated it away between the two calls.
    if (::stat(path.c_str(), &named) == 0 && same_file(opened, named)) return file;
  }
}

Result<std::string> read_tail(int fd, std::uint64_t size, std::size_t most, const std::string& path) {
  std::string tail(std::min<std::uint64_t>(size, most), '\0');
  std::size_t done = 0;
  while (done < tail.size()) {
    const ssize_t n =
        ::pread(fd, tail.data() + done, tail.size() - done, static_cast<off_t>(size - tail.size() + done));
    if (n <= 0) return failed("read the audit trail", path);
    done += static_cast<std::size_t>(n);
  }
  return tail;
}

// The chain's end in a file whose last line is whole. Nothing when the file is empty.
Result<std::optional<ChainEnd>> end_of(int fd, const std::string& path) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return failed("read the audit trail", path);
  if (status.st_size == 0) return std::nullopt;
  GW_TRY(std::string tail, read_tail(fd, static_cast<std::uint64_t>(status.st_size), longest_line + 2, path));
  if (tail.ends_with('\n')) tail.pop_back();
  const auto before = tail.rfind('\n');
  const auto line = read_line(std::string_view(tail).substr(before == std::string::npos ? 0 : before + 1));
  if (!line || !line->intact) {
    return fail(Errc::invalid,
                "the last line of the audit trail {} {}; 'mcp-gateway audit verify {}' tells more. Move the file away "
                "to begin a new trail",
                path, line ? "was changed" : "is not an audit record", path);
  }
  return ChainEnd{line->seq, line->hash};
}

Result<> append_to(const std::string& path, std::string_view text) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd < 0 || ::write(file.fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(file.fd) != 0) {
    return failed("write", path);
  }
  return {};
}

// A line that was being written when the machine or the gateway ended has no line feed, and nobody was told that it is
// kept: it is put aside, and the trail goes on after the last whole line. Returns the size that is left.
Result<std::uint64_t> put_torn_line_aside(int fd, std::uint64_t size, const std::string& path) {
  if (size == 0) return size;
  GW_TRY(const std::string last, read_tail(fd, size, 1, path));
  if (last == "\n") return size;
  GW_TRY(const std::string tail, read_tail(fd, size, longest_torn_part, path));
  const auto before = tail.rfind('\n');
  if (before == std::string::npos && tail.size() < size) {
    return fail(Errc::invalid, "the audit trail {} does not end with audit records; move the file away", path);
  }
  const auto torn = std::string_view(tail).substr(before == std::string::npos ? 0 : before + 1);
  GW_TRY_OK(append_to(path + ".torn", torn));
  const std::uint64_t left = size - torn.size();
  if (::ftruncate(fd, static_cast<off_t>(left)) != 0 || ::fsync(fd) != 0) return failed("shorten", path);
  log::warn("audit.torn", {{"file", path}, {"bytes", torn.size()}});
  return left;
}

}  // namespace

Output::~Output() {
  if (fd_ >= 0 && options_.target == Target::file) ::close(fd_);
}

Output::Output(Output&& other) noexcept
    : options_(std::move(other.options_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      end_(std::move(other.end_)) {}

Result<Output> Output::open(const Options& options) {
  Output output(options);
  output.end_.hash = no_hash;
  if (options.target == Target::standard_output) output.fd_ = STDOUT_FILENO;
  if (options.target == Target::file) GW_TRY_OK(output.open_file());
  return output;
}

Result<> Output::open_file() {
  GW_TRY(Fd file, open_locked(options_.path));
  fd_ = file.release();
  struct stat status{};
  if (::fstat(fd_, &status) != 0) return failed("read the audit trail", options_.path);
  GW_TRY(size_, put_torn_line_aside(fd_, static_cast<std::uint64_t>(status.st_size), options_.path));
  sync_folder_of(options_.path);
  return find_end();
}

// The end of the file, or of the one before it when this one has just begun.
Result<> Output::find_end() {
  GW_TRY(auto end, end_of(fd_, options_.path));
  const std::string before = numbered(options_.path, 1);
  const Fd older(::open(before.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat mine{};
  struct stat its{};
  if (older.fd >= 0 && ::fstat(older.fd, &its) == 0 && ::fstat(fd_, &mine) == 0) {
    // A rotation that was cut short left two names for one file.
    if (same_file(mine, its)) {
      ::unlink(before.c_str());
    } else if (!end) {
      GW_TRY(end, end_of(older.fd, before));
    }
  }
  if (end) end_ = *std::move(end);
  return {};
}

Result<> Output::write(std::string& text) {
  std::size_t done = 0;
  const bool is_file = options_.target == Target::file;
  Result<> result;
  while (done < text.size()) {
    std::size_t part = text.size() - done;
    if (!is_file) {
      // A pipe that can be written takes this much at once: whole lines, and no wait for a reader that has stopped.
      part = std::min<std::size_t>(part, PIPE_BUF);
      if (const auto line_end = text.rfind('\n', done + part - 1); line_end != std::string::npos && line_end >= done) {
        part = line_end + 1 - done;
      }
      pollfd writable{.fd = fd_, .events = POLLOUT, .revents = 0};
      if (::poll(&writable, 1, patience_ms) == 0) {
        result = fail(Errc::unavailable, "nobody reads the audit records from standard output");
        break;
      }
    }
    const ssize_t n = ::write(fd_, text.data() + done, part);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      result = failed("write the audit trail", is_file ? options_.path : "to standard output");
      break;
    }
    done += static_cast<std::size_t>(n);
  }
  text.erase(0, done);
  size_ += done;
  return result;
}

Result<> Output::sync() {
  if (options_.target == Target::file && ::fdatasync(fd_) != 0) {
    return failed("write the audit trail to the disk:", options_.path);
  }
  return {};
}

std::uint64_t Output::room() const {
  if (options_.target != Target::file || options_.max_bytes == 0) return std::numeric_limits<std::uint64_t>::max();
  return options_.max_bytes - std::min(size_, options_.max_bytes);
}

// The new file is made and locked under another name first, and the old one keeps its name until it has another one:
// at no time is there no file of the name, or one that nobody has locked.
Result<> Output::rotate() {
  GW_TRY_OK(sync());
  const std::string& path = options_.path;
  const std::string next = path + ".next";
  ::unlink(next.c_str());
  Fd file(::open(next.c_str(), open_flags | O_CREAT | O_EXCL, 0600));
  if (file.fd < 0 || ::flock(file.fd, LOCK_EX | LOCK_NB) != 0) return failed("make", next);

  std::uint32_t count = 0;
  while (::access(numbered(path, count + 1).c_str(), F_OK) == 0) ++count;
  for (std::uint32_t number = count; number > 0; --number) {
    const std::string name = numbered(path, number);
    const bool too_old = options_.max_files != 0 && number >= options_.max_files;
    const int done = too_old ? ::unlink(name.c_str()) : ::rename(name.c_str(), numbered(path, number + 1).c_str());
    if (done != 0) return failed("rotate", name);
  }
  const std::string older = numbered(path, 1);
  if (::link(path.c_str(), older.c_str()) != 0) return failed("rotate", path);
  if (::rename(next.c_str(), path.c_str()) != 0) {
    const auto error = failed("rotate", path);
    ::unlink(older.c_str());
    return error;
  }
  sync_folder_of(path);
  ::close(std::exchange(fd_, file.release()));
  size_ = 0;
  return {};
}

}  // namespace gw::audit
