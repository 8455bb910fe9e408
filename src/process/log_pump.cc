#include "process/log_pump.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "base/log.h"
#include "base/strings.h"

namespace gw::process {
namespace {

constexpr int reads_per_turn = 2;
constexpr int reads_at_end = 64;  // A pipe holds 64 KiB unless its process enlarged it, to 1 MiB at most.

}  // namespace

LogPump::LogPump(Loop& loop, UniqueFd pipe, LogStream stream, std::shared_ptr<LogRing> ring, std::string name)
    : loop_(loop),
      pipe_(std::move(pipe)),
      stream_(stream),
      ring_(std::move(ring)),
      name_(std::move(name)),
      again_(loop, [this] { pump(); }) {
  const auto added = loop_.add(pipe_.get(), *this);
  GW_CHECK(added.has_value(), added.error().message());
}

LogPump::~LogPump() {
  finish();
  if (pipe_) loop_.remove(pipe_.get(), *this);
}

void LogPump::on_ready(Readiness) {
  pump();
}

void LogPump::pump() {
  for (int i = 0; i < reads_per_turn; ++i) {
    if (read_some() == More::no) return;
  }
  again_.arm(steady_now());  // Later than now(): others have their turn first.
}

void LogPump::finish() {
  for (int i = 0; i < reads_at_end && read_some() == More::yes; ++i) continue;
  if (!line_.empty()) end_line();
}

LogPump::More LogPump::read_some() {
  if (!pipe_) return More::no;
  char block[16384];
  const ssize_t n = ::read(pipe_.get(), block, sizeof block);
  if (n > 0) {
    take({block, static_cast<std::size_t>(n)});
    return More::yes;
  }
  if (n < 0 && errno == EINTR) return More::yes;
  if (n < 0 && errno == EAGAIN) return More::no;
  loop_.remove(pipe_.get(), *this);
  pipe_.reset();
  if (!line_.empty()) end_line();
  return More::no;
}

void LogPump::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    const auto room = LogRing::max_line + 1 - line_.size();
    line_.append(bytes.substr(0, std::min(end, room)));
    if (end == bytes.size()) return;
    end_line();
    bytes.remove_prefix(end + 1);
  }
}

void LogPump::end_line() {
  if (line_.ends_with('\r')) line_.pop_back();
  log::debug("process.output", {{"process", name_}, {"stream", to_string(stream_)}, {"text", printable(line_)}});
  ring_->append(stream_, line_);
  line_.clear();
}

}  // namespace gw::process
