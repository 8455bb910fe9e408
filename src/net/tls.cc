#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

namespace gw::net {
namespace {

constexpr unsigned char alpn_http11[] = "\x08http/1.1";

int select_http11(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                  unsigned int offered_length, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, alpn_http11, sizeof alpn_http11 - 1, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void set_common(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
}

}  // namespace

std::string tls_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return "unknown TLS error";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown TLS error";
}

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const std::string& certificate_file,
                                                             const std::string& key_file) {
  std::shared_ptr<const TlsContext> made(new TlsContext(SSL_CTX_new(TLS_server_method())));
  SSL_CTX* const context = made->get();
  set_common(context);
  SSL_CTX_set_alpn_select_cb(context, select_http11, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return fail(Errc::invalid, "cannot read a PEM certificate chain from {}: {}", certificate_file, tls_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(Errc::invalid, "cannot use {} as the PEM private key of {}: {}", key_file, certificate_file,
                tls_error());
  }
  return made;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client(const std::string& ca_file) {
  std::shared_ptr<const TlsContext> made(new TlsContext(SSL_CTX_new(TLS_client_method())));
  SSL_CTX* const context = made->get();
  set_common(context);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const bool trusted = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                       : SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1;
  if (!trusted) {
    return fail(Errc::invalid, "cannot read PEM certificates to trust from {}: {}",
                ca_file.empty() ? "the system's store" : ca_file, tls_error());
  }
  return made;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client_trusting(std::string_view ca_pem) {
  std::shared_ptr<const TlsContext> made(new TlsContext(SSL_CTX_new(TLS_client_method())));
  set_common(made->get());
  SSL_CTX_set_verify(made->get(), SSL_VERIFY_PEER, nullptr);
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size())),
                                                       BIO_free);
  int trusted = 0;
  while (X509* const certificate = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
    trusted += X509_STORE_add_cert(SSL_CTX_get_cert_store(made->get()), certificate);
    X509_free(certificate);
  }
  ERR_clear_error();  // The end of the text is an error too.
  if (trusted == 0) return fail(Errc::invalid, "the text of certificates to trust holds no PEM certificate");
  return made;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

}  // namespace gw::net
