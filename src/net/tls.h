// TLS contexts: what to present and whom to trust.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

typedef struct ssl_ctx_st SSL_CTX;

namespace gw::net {

// Shared by the workers; OpenSSL counts the references of the sessions made from it.
class TlsContext {
 public:
  // For a listener: certificate chain and private key in PEM. TLS 1.2 and later. Errc::invalid names the file and what
  // is wrong with it.
  static Result<std::shared_ptr<const TlsContext>> server(const std::string& certificate_file,
                                                          const std::string& key_file);
  // For connections to upstreams: verifies the chain against `ca_file`, or the system's store when it is empty.
  static Result<std::shared_ptr<const TlsContext>> client(const std::string& ca_file);
  // The same with the certificates to trust as PEM text.
  static Result<std::shared_ptr<const TlsContext>> client_trusting(std::string_view ca_pem);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  SSL_CTX* get() const { return context_; }

 private:
  explicit TlsContext(SSL_CTX* context) : context_(context) {}
  SSL_CTX* context_;
};

// The newest error of OpenSSL on this thread, as text; empties its queue.
std::string tls_error();

}  // namespace gw::net
