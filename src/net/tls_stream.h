// A stream encrypted with TLS over a socket.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "net/fd_stream.h"
#include "net/tls.h"
#include "runtime/task.h"

typedef struct ssl_st SSL;

namespace gw::net {

class TlsStream final : public FdStream {
 public:
  enum class Role { server, client };

  // Takes `fd`. A client sends `host` as server name and requires a certificate for it (a name or a numeric address).
  TlsStream(Loop& loop, int fd, const TlsContext& context, Role role, const std::string& host = {});
  ~TlsStream() override;

  // Must have succeeded before anything is read or written. Bounded by the stream's deadline.
  // Errc::upstream with the reason when verification fails.
  Task<Result<>> handshake();

  IoResult read_some(std::span<char> into) override;
  IoResult write_some(std::span<const iovec> from) override;
  void end_writing() override;

 private:
  void on_ready(Readiness ready) override;
  IoResult result_of(int outcome, std::size_t bytes);

  SSL* ssl_;
  bool established_ = false;
};

}  // namespace gw::net
