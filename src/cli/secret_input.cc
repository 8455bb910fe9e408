#include "cli/secret_input.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace gw::cli {
namespace {

constexpr std::size_t longest = 64 << 10;

constexpr char interrupt = 3;  // Ctrl-C

// The terminal does not show what is typed, as long as this lives. Ctrl-C ends the line instead of the program, which
// would leave the terminal silent.
class Silence {
 public:
  Silence() {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    silent.c_cc[VEOL] = interrupt;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~Silence() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  termios before_{};
};

// Up to the end of the input, or of its first line.
Result<SecretString> read_input(bool one_line) {
  std::string text;
  text.reserve(longest + 1);  // So that no copy stays behind in memory.
  char c = 0;
  while (text.size() <= longest && ::read(STDIN_FILENO, &c, 1) == 1) {
    if (one_line && c == interrupt) return fail(Errc::cancelled, "interrupted");
    if (one_line && c == '\n') break;
    text += c;
  }
  if (text.size() > longest) return fail(Errc::too_large, "the text is longer than {} bytes", longest);
  if (!one_line && text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return fail(Errc::cancelled, "nothing was given on standard input");
  return SecretString(std::move(text));
}

}  // namespace

Result<SecretString> read_secret(std::string_view prompt) {
  if (::isatty(STDIN_FILENO) != 1) return read_input(false);
  std::fprintf(stderr, "%.*s", static_cast<int>(prompt.size()), prompt.data());
  auto read = [] {
    const Silence silence;
    return read_input(true);
  }();
  std::fputc('\n', stderr);
  return read;
}

}  // namespace gw::cli
