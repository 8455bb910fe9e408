#include "net/stream.h"

#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace gw::net {

Stream::Stream(Loop& loop) : loop_(loop) {
  loop.add_expirable(*this);
}

void Stream::on_expired() {
  expired_ = true;
  close();
}

void Stream::became_ready(Readiness ready) {
  if (ready.hangup) hung_up_ = true;
  if (ready.readable) {
    readable_ = true;
    if (Resumable* task = std::exchange(reader_, nullptr)) {
      loop_.resume_soon(*task);
    } else if (hung_up_ && hangup_hook_) {
      std::exchange(hangup_hook_, nullptr)();
      return;  // The hook may have destroyed this stream.
    }
  }
  if (ready.writable) {
    writable_ = true;
    if (Resumable* task = std::exchange(writer_, nullptr)) loop_.resume_soon(*task);
  }
}

void Stream::wake_all() {
  readable_ = writable_ = true;
  hung_up_ = true;
  if (Resumable* task = std::exchange(reader_, nullptr)) loop_.resume_soon(*task);
  if (Resumable* task = std::exchange(writer_, nullptr)) loop_.resume_soon(*task);
  if (auto hook = std::exchange(hangup_hook_, nullptr)) hook();
}

void Stream::on_hangup(std::function<void()> hook) {
  hangup_hook_ = std::move(hook);
}

Error io_error(const IoResult& result, std::string_view doing) {
  if (result.state == IoResult::State::end) {
    return {Errc::cancelled, fmt::format("{}: the peer closed the connection", doing)};
  }
  const Errc code = result.error == ETIMEDOUT ? Errc::timeout : Errc::cancelled;
  return {code, fmt::format("{}: {}", doing, std::strerror(result.error))};
}

namespace {

struct Pieces {
  std::array<iovec, max_pieces> vectors;
  std::size_t first = 0;
  std::size_t count = 0;

  explicit Pieces(std::span<const std::string_view> pieces) {
    GW_CHECK(pieces.size() <= max_pieces, pieces.size());
    for (const std::string_view piece : pieces) {
      if (!piece.empty()) vectors[count++] = {const_cast<char*>(piece.data()), piece.size()};
    }
  }

  std::span<const iovec> rest() const { return {vectors.data() + first, count - first}; }

  void advance(std::size_t bytes) {
    while (bytes > 0) {
      iovec& front = vectors[first];
      if (bytes < front.iov_len) {
        front = {static_cast<char*>(front.iov_base) + bytes, front.iov_len - bytes};
        return;
      }
      bytes -= front.iov_len;
      ++first;
    }
  }
};

// One attempt: whether everything is written, or the failure.
Result<bool> write_step(Stream& stream, Pieces& pieces) {
  while (!pieces.rest().empty()) {
    const IoResult result = stream.write_some(pieces.rest());
    if (result.state == IoResult::State::would_block) return false;
    if (result.state != IoResult::State::ok) return std::unexpected(io_error(result, "write"));
    pieces.advance(result.bytes);
  }
  return true;
}

Task<Result<>> write_rest(Stream& stream, Pieces pieces, Duration patience) {
  while (true) {
    stream.deadline = patience == Duration::max() ? never : stream.loop().now() + patience;
    co_await stream.writable();
    stream.deadline = never;
    const Result<bool> done = write_step(stream, pieces);
    if (!done) co_return std::unexpected(done.error());
    if (*done) co_return Result<>();
  }
}

class EndOfRound : Resumable {
 public:
  explicit EndOfRound(Loop& loop) : loop_(loop) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiting = handle;
    loop_.resume_at_end_of_round(*this);
  }
  void await_resume() const {}

 private:
  Loop& loop_;
};

Task<Result<>> write_at_end_of_round(Stream& stream, Pieces pieces, Duration patience) {
  co_await EndOfRound(stream.loop());
  const Result<bool> done = write_step(stream, pieces);
  if (!done) co_return std::unexpected(done.error());
  if (*done) co_return Result<>();
  co_return co_await write_rest(stream, pieces, patience);
}

}  // namespace

MaybeTask<Result<>> write_all(Stream& stream, std::span<const std::string_view> views, Duration patience) {
  Pieces pieces(views);
  if (stream.loop().crowded()) return write_at_end_of_round(stream, pieces, patience);
  const Result<bool> done = write_step(stream, pieces);
  if (!done) return Result<>(std::unexpected(done.error()));
  if (*done) return Result<>();
  return write_rest(stream, pieces, patience);
}

}  // namespace gw::net
