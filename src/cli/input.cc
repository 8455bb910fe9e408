#include "cli/input.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace gw::cli {
namespace {

constexpr std::size_t longest = 64 << 10;

constexpr char interrupt = 3;  // Ctrl-C

// As long as this lives, Ctrl-C ends the line instead of the program, which would leave the terminal as it is now; and
// the terminal shows what is typed or not.
class Typing {
 public:
  explicit Typing(bool shown) {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(shown ? ISIG : ECHO | ISIG);
    now.c_cc[VEOL] = interrupt;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
  }
  ~Typing() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  Typing(const Typing&) = delete;
  Typing& operator=(const Typing&) = delete;

 private:
  termios before_{};
};

struct Typed {
  std::string text;
  bool ended = false;  // The input, before anything was typed.
};

// Up to the end of the input, or of its first line.
Result<Typed> read_input(bool one_line) {
  Typed typed;
  typed.text.reserve(longest + 1);  // So that no copy stays behind in memory.
  char c = 0;
  while (typed.text.size() <= longest) {
    if (::read(STDIN_FILENO, &c, 1) != 1) {
      typed.ended = typed.text.empty();
      break;
    }
    if (one_line && c == interrupt) return fail(Errc::cancelled, "interrupted");
    if (one_line && c == '\n') break;
    typed.text += c;
  }
  if (typed.text.size() > longest) return fail(Errc::too_large, "the text is longer than {} bytes", longest);
  if (!one_line && typed.text.ends_with('\n')) typed.text.pop_back();
  if (typed.text.ends_with('\r')) typed.text.pop_back();
  return typed;
}

Result<SecretString> as_secret(Result<Typed> typed) {
  if (!typed) return std::unexpected(typed.error());
  if (typed->text.empty()) return fail(Errc::cancelled, "nothing was given on standard input");
  return SecretString(std::move(typed->text));
}

Result<Typed> read_from_terminal(std::string_view prompt, bool shown) {
  std::fprintf(stderr, "%.*s", static_cast<int>(prompt.size()), prompt.data());
  const Typing typing(shown);
  return read_input(true);
}

}  // namespace

Result<SecretString> read_secret(std::string_view prompt) {
  if (::isatty(STDIN_FILENO) != 1) return as_secret(read_input(false));
  auto typed = read_from_terminal(prompt, false);
  std::fputc('\n', stderr);
  return as_secret(std::move(typed));
}

Result<std::string> read_line(std::string_view prompt) {
  auto typed = read_from_terminal(prompt, true);
  if (!typed || typed->ended) std::fputc('\n', stderr);
  if (!typed) return std::unexpected(typed.error());
  if (typed->ended) return fail(Errc::cancelled, "the input has ended");
  return std::move(typed->text);
}

}  // namespace gw::cli
