#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gw {
namespace {

Errc code_of(int error) {
  return error == ENOENT || error == ENOTDIR ? Errc::not_found : error == EACCES ? Errc::forbidden : Errc::internal;
}

struct Fd {
  int fd;
  ~Fd() {
    if (fd >= 0) ::close(fd);
  }
};

Result<std::string> read_all(const Fd& file, const std::filesystem::path& path, std::size_t max) {
  std::string text;
  char block[16384];
  while (true) {
    const ssize_t n = ::read(file.fd, block, sizeof block);
    if (n < 0) return fail(Errc::internal, "cannot read {}: {}", path.string(), std::strerror(errno));
    if (n == 0) return text;
    text.append(block, static_cast<std::size_t>(n));
    if (text.size() > max) return fail(Errc::too_large, "{} is larger than {} bytes", path.string(), max);
  }
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max) {
  const Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return fail(code_of(errno), "cannot open {}: {}", path.string(), std::strerror(errno));
  return read_all(file, path, max);
}

Result<std::string> read_regular_file(const std::filesystem::path& path, std::size_t max) {
  // O_NONBLOCK: opening a pipe would wait for its writer.
  const Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return fail(code_of(errno), "cannot open {}: {}", path.string(), std::strerror(errno));
  struct stat status{};
  if (::fstat(file.fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(Errc::invalid, "{} is not a regular file; name one", path.string());
  }
  return read_all(file, path, max);
}

Result<> write_private_file(const std::filesystem::path& path, std::string_view text) {
  const auto problem = [&](const char* what) {
    return fail(code_of(errno), "cannot {} {}: {}", what, path.string(), std::strerror(errno));
  };
  std::string temporary = path.string() + ".XXXXXX";
  const Fd file{::mkostemp(temporary.data(), O_CLOEXEC)};  // mkostemp creates with mode 0600.
  if (file.fd < 0) return problem("create a file beside");
  const auto written = ::write(file.fd, text.data(), text.size());
  const bool done = written == static_cast<ssize_t>(text.size()) && ::fsync(file.fd) == 0 &&
                    ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!done) {
    const auto error = problem("write");
    ::unlink(temporary.c_str());
    return error;
  }
  return {};
}

}  // namespace gw
