// A stream over a connected socket: TCP, Unix, or one end of a socketpair.
#pragma once

#include "net/stream.h"

namespace gw::net {

class FdStream : public Stream, private Pollable {
 public:
  // Takes `fd`, which must be non-blocking; closes it in every case.
  FdStream(Loop& loop, int fd);
  ~FdStream() override;

  IoResult read_some(std::span<char> into) override;
  IoResult write_some(std::span<const iovec> from) override;
  void close() override;
  void end_writing() override;

 protected:
  int fd() const { return fd_; }
  // What read_some and write_some answer once the stream is closed.
  IoResult closed() const;
  void on_ready(Readiness ready) override;

 private:
  int fd_;
};

}  // namespace gw::net
