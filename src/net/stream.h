// A byte stream between two peers: a socket, a TLS session, an in-process pair.
//
// Reading and writing never block and never allocate; readiness is awaited separately, so a task that waits holds no
// buffer. A stream belongs to one loop. Destroying it closes it.
#pragma once

#include <sys/uio.h>

#include <coroutine>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "runtime/loop.h"
#include "runtime/maybe_task.h"

namespace gw::net {

struct IoResult {
  enum class State : std::uint8_t {
    ok,           // `bytes` > 0 were moved.
    would_block,  // Await readable() or writable() first.
    end,          // Reading only: the peer finished sending.
    failed,       // `error` is an errno; ETIMEDOUT when the deadline passed.
  };
  State state = State::ok;
  std::size_t bytes = 0;
  int error = 0;
};

class Stream : public Expirable {
 public:
  explicit Stream(Loop& loop);
  virtual ~Stream() = default;

  virtual IoResult read_some(std::span<char> into) = 0;
  virtual IoResult write_some(std::span<const iovec> from) = 0;
  // Ends both directions at once. Waiters are resumed and see `failed`. Idempotent.
  virtual void close() = 0;
  // Tells the peer that nothing more will be written. Reading goes on.
  virtual void end_writing() = 0;

  class Readable;
  class Writable;
  // Resume when the stream may be read (written), has failed, is closed or is past its deadline. One waiter each.
  Readable readable();
  Writable writable();

  // Called once from the loop when the peer is gone (nothing more will come, or the connection broke) while nobody
  // waits to read. Replaces an earlier hook; an empty function removes it. A stream that has hung_up() already calls
  // nothing: its peer may have closed only its own direction after its last request, and failing writes will tell.
  void on_hangup(std::function<void()> hook);

  bool hung_up() const { return hung_up_; }
  bool expired() const { return expired_; }
  // Whether a read would find something, as far as is known without asking the kernel.
  bool maybe_readable() const { return readable_; }
  Loop& loop() const { return loop_; }

  // Past `deadline` (a member of Expirable, checked four times a second) the stream closes itself.
  void on_expired() final;

 protected:
  // For implementations: remember readiness and wake who waits for it.
  void became_ready(Readiness ready);
  void wake_all();

  bool readable_ = false;
  bool writable_ = true;

 private:
  Loop& loop_;
  Resumable* reader_ = nullptr;
  Resumable* writer_ = nullptr;
  std::function<void()> hangup_hook_;
  bool hung_up_ = false;
  bool expired_ = false;
};

class Stream::Readable : Resumable {
 public:
  explicit Readable(Stream& stream) : stream_(stream) {}
  ~Readable() {
    if (stream_.reader_ == this) stream_.reader_ = nullptr;
  }
  bool await_ready() const { return stream_.readable_; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiting = handle;
    stream_.reader_ = this;
  }
  void await_resume() const {}

 private:
  Stream& stream_;
};

class Stream::Writable : Resumable {
 public:
  explicit Writable(Stream& stream) : stream_(stream) {}
  ~Writable() {
    if (stream_.writer_ == this) stream_.writer_ = nullptr;
  }
  bool await_ready() const { return stream_.writable_; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiting = handle;
    stream_.writer_ = this;
  }
  void await_resume() const {}

 private:
  Stream& stream_;
};

inline Stream::Readable Stream::readable() {
  return Readable(*this);
}
inline Stream::Writable Stream::writable() {
  return Writable(*this);
}

// Writes all pieces, at once when the socket takes them; in a crowded round (runtime/loop.h) at its end. The pieces
// must stay valid until it is done. At most max_pieces of them. Errc::timeout when the peer takes nothing for
// `patience` (Duration::max(): never), else Errc::cancelled when it is gone. Sets the stream's deadline while it waits,
// and leaves it at `never`.
inline constexpr std::size_t max_pieces = 8;
MaybeTask<Result<>> write_all(Stream& stream, std::span<const std::string_view> pieces, Duration patience);

// What a failed read or write means to the caller.
Error io_error(const IoResult& result, std::string_view doing);

}  // namespace gw::net
