#include "net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "net/address.h"

namespace gw::net {
namespace {

constexpr std::size_t record_size = 16 * 1024;

}  // namespace

TlsStream::TlsStream(Loop& loop, int fd, const TlsContext& context, Role role, const std::string& host)
    : FdStream(loop, fd), ssl_(SSL_new(context.get())) {
  GW_CHECK(ssl_ != nullptr);
  SSL_set_fd(ssl_, fd);
  if (role == Role::server) {
    SSL_set_accept_state(ssl_);
    return;
  }
  SSL_set_connect_state(ssl_);
  if (SocketAddress::from_numeric(host, 0)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl_, host.c_str());
    SSL_set1_host(ssl_, host.c_str());
  }
}

TlsStream::~TlsStream() {
  TlsStream::end_writing();
  SSL_free(ssl_);
}

void TlsStream::end_writing() {
  if (!established_ || fd() < 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);  // One close_notify, without waiting for the peer's.
}

void TlsStream::on_ready(Readiness ready) {
  // Either direction of TLS may need either direction of the socket.
  ready.readable = ready.writable = true;
  became_ready(ready);
}

Task<Result<>> TlsStream::handshake() {
  while (true) {
    if (fd() < 0) co_return std::unexpected(io_error(closed(), "TLS handshake"));
    ERR_clear_error();
    const int outcome = SSL_do_handshake(ssl_);
    if (outcome == 1) {
      established_ = true;
      readable_ = true;
      co_return Result<>();
    }
    const int error = SSL_get_error(ssl_, outcome);
    if (error == SSL_ERROR_WANT_READ) {
      readable_ = false;
      co_await readable();
    } else if (error == SSL_ERROR_WANT_WRITE) {
      writable_ = false;
      co_await writable();
    } else {
      const long verified = SSL_get_verify_result(ssl_);
      if (verified == X509_V_OK) co_return fail(Errc::upstream, "TLS handshake failed: {}", tls_error());
      co_return fail(Errc::upstream, "TLS handshake failed: its certificate is not accepted ({})",
                     X509_verify_cert_error_string(verified));
    }
  }
}

IoResult TlsStream::result_of(int outcome, std::size_t bytes) {
  if (outcome == 1) return {IoResult::State::ok, bytes, 0};
  switch (SSL_get_error(ssl_, outcome)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return {IoResult::State::would_block, 0, 0};
    case SSL_ERROR_ZERO_RETURN: return {IoResult::State::end, 0, 0};
    case SSL_ERROR_SYSCALL: return {IoResult::State::failed, 0, errno != 0 ? errno : ECONNRESET};
    default: ERR_clear_error(); return {IoResult::State::failed, 0, EPROTO};
  }
}

IoResult TlsStream::read_some(std::span<char> into) {
  if (fd() < 0) return closed();
  ERR_clear_error();
  std::size_t bytes = 0;
  const int outcome = SSL_read_ex(ssl_, into.data(), into.size(), &bytes);
  const IoResult result = result_of(outcome, bytes);
  if (result.state == IoResult::State::would_block) readable_ = false;
  return result;
}

IoResult TlsStream::write_some(std::span<const iovec> from) {
  if (fd() < 0) return closed();
  // One record for all pieces. After a refusal the caller offers at least the same bytes again, as SSL_write requires.
  std::array<char, record_size> record;
  std::size_t length = 0;
  for (const iovec& piece : from) {
    const std::size_t part = std::min(piece.iov_len, record.size() - length);
    std::memcpy(record.data() + length, piece.iov_base, part);
    length += part;
  }
  ERR_clear_error();
  std::size_t bytes = 0;
  const int outcome = SSL_write_ex(ssl_, record.data(), length, &bytes);
  const IoResult result = result_of(outcome, bytes);
  if (result.state == IoResult::State::would_block) writable_ = false;
  return result;
}

}  // namespace gw::net
