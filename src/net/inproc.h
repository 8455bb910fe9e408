// Connections between loops of this process, for services that live inside it but are reached like any other server.
#pragma once

#include <functional>
#include <memory>

#include "net/stream.h"

namespace gw::net {

// Where such a service listens. The loop must outlive it. connect() and the destructor may run on any thread.
class InprocListener {
 public:
  using OnAccept = std::function<void(std::unique_ptr<Stream>)>;

  // `on_accept` is called on `loop`.
  InprocListener(Loop& loop, OnAccept on_accept);
  InprocListener(const InprocListener&) = delete;
  InprocListener& operator=(const InprocListener&) = delete;

  // Nothing is accepted any more; connections that are made later end at once. On `loop`'s thread.
  void close() { *on_accept_ = nullptr; }

  // The near end, on the calling thread's loop; the far end is handed to on_accept.
  Result<std::unique_ptr<Stream>> connect();

 private:
  Loop& loop_;
  std::shared_ptr<OnAccept> on_accept_;
};

}  // namespace gw::net
