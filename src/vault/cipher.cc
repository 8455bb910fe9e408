#include "vault/cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

#include "base/base64.h"
#include "base/check.h"
#include "runtime/random.h"

namespace gw::vault {
namespace {

// A sealed value is, in base64url: the version, the nonce, the ciphertext, the tag.
constexpr char format_version = 1;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t overhead = 1 + nonce_size + tag_size;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text, std::size_t from = 0) {
  return reinterpret_cast<unsigned char*>(text.data() + from);
}

// Starts sealing or opening what has this nonce under that name, which is authenticated with the version before it.
Context begin(const SecretString& key, std::string_view nonce, std::string_view name, bool sealing) {
  Context context(EVP_CIPHER_CTX_new());
  GW_CHECK(context != nullptr);
  const std::string associated = std::string(1, format_version) + std::string(name);
  int written = 0;
  GW_CHECK(EVP_CipherInit_ex2(context.get(), EVP_aes_256_gcm(), bytes(key.reveal()), bytes(nonce), sealing ? 1 : 0,
                              nullptr) == 1);
  GW_CHECK(EVP_CipherUpdate(context.get(), nullptr, &written, bytes(associated),
                            static_cast<int>(associated.size())) == 1);
  return context;
}

}  // namespace

Cipher::Cipher(SecretString key) : key_(std::move(key)) {
  GW_CHECK(key_.reveal().size() == key_size);
}

std::string Cipher::seal(std::string_view name, const SecretString& value) const {
  const std::string_view plain = value.reveal();
  const std::string nonce = random_bytes(nonce_size);
  const Context context = begin(key_, nonce, name, true);
  std::string out = std::string(1, format_version) + nonce;
  const std::size_t start = out.size();
  out.resize(start + plain.size() + tag_size);
  int written = 0;
  GW_CHECK(EVP_CipherUpdate(context.get(), bytes(out, start), &written, bytes(plain), static_cast<int>(plain.size())) ==
           1);
  GW_CHECK(EVP_CipherFinal_ex(context.get(), bytes(out, start + plain.size()), &written) == 1);
  GW_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, bytes(out, start + plain.size())) == 1);
  return base64url_encode(out);
}

Result<SecretString> Cipher::open(std::string_view name, std::string_view sealed) const {
  const auto refused = [&] { return fail(Errc::invalid, "the secret '{}' was sealed with another key", name); };
  const auto raw = base64url_decode(sealed);
  if (!raw || raw->size() < overhead || raw->front() != format_version) return refused();
  const std::string_view nonce = std::string_view(*raw).substr(1, nonce_size);
  const std::string_view body = std::string_view(*raw).substr(1 + nonce_size, raw->size() - overhead);
  std::string tag = raw->substr(raw->size() - tag_size);
  const Context context = begin(key_, nonce, name, false);
  std::string plain(body.size(), '\0');
  int written = 0;
  const bool good =
      EVP_CipherUpdate(context.get(), bytes(plain), &written, bytes(body), static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, bytes(tag)) == 1 &&
      EVP_CipherFinal_ex(context.get(), bytes(plain, plain.size()), &written) == 1;
  if (good) return SecretString(std::move(plain));
  OPENSSL_cleanse(plain.data(), plain.size());
  return refused();
}

}  // namespace gw::vault
