// Certificates for tests of TLS.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace gw::testing {

// ca.pem, a certificate authority, and cert.pem with key.pem for localhost and 127.0.0.1, made by the openssl program
// once per test run.
class Certificates {
 public:
  static const Certificates& get() {
    static const Certificates made;
    return made;
  }
  std::string path(const char* file) const { return (folder_ / file).string(); }

 private:
  Certificates() {
    char name[] = "/tmp/gw-tls-XXXXXX";
    folder_ = ::mkdtemp(name);
    const std::string script =
        "cd " + folder_.string() +
        " && exec >log 2>&1"
        " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj "
        "/CN=ca -days 2"
        " && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out csr.pem -subj "
        "/CN=localhost"
        " && printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > ext"
        " && openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile ext";
    EXPECT_EQ(std::system(script.c_str()), 0);
  }
  ~Certificates() { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

}  // namespace gw::testing
