#include "session/sealed_id.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "base/base64.h"
#include "base/check.h"
#include "runtime/random.h"

namespace gw::session {
namespace {

constexpr char format_version = 2;
constexpr std::size_t key_id_size = 4;
constexpr std::size_t prefix_size = 1 + key_id_size;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t overhead = prefix_size + nonce_size + tag_size;
constexpr std::size_t max_short = 255;
constexpr std::size_t max_long = 1024;
constexpr std::size_t max_plain = 4 + 1 + max_short + max_long;
constexpr std::size_t max_text = ((overhead + max_plain) * 4 + 2) / 3;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;
using Cipher = std::unique_ptr<EVP_CIPHER, FreeCipher>;

const unsigned char* bytes(const char* text) {
  return reinterpret_cast<const unsigned char*>(text);
}
unsigned char* bytes(char* text) {
  return reinterpret_cast<unsigned char*>(text);
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x21 && c <= 0x7E; });
}

void put(std::string& out, std::uint64_t number, int size) {  // Big-endian.
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 255);
}

// Takes values off the front of a plaintext; a short one turns it bad.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char c : text(size)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::string_view text(std::size_t size) {
    good_ = good_ && size <= rest_.size();
    const auto taken = good_ ? rest_.substr(0, size) : std::string_view();
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() { return text(rest_.size()); }
  bool good() const { return good_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::string encode(const Sealed& s) {
  std::string plain;
  put(plain, static_cast<std::uint64_t>(s.expires), 4);
  put(plain, s.endpoint.size(), 1);
  plain += s.endpoint;
  plain += s.upstream_session;
  return plain;
}

std::optional<Sealed> decode(std::string_view plain) {
  Reader reader(plain);
  Sealed s;
  s.expires = static_cast<std::int64_t>(reader.number(4));
  s.endpoint = reader.text(reader.number(1));
  s.upstream_session = reader.rest();
  if (!reader.good()) return {};
  return s;
}

Result<> check(const Sealed& s, const Owner& owner) {
  if (s.upstream_session.empty() || !is_visible_ascii(s.upstream_session)) {
    return fail(Errc::invalid, "the server's session id has characters other than visible ASCII");
  }
  if (s.upstream_session.size() > max_long) {
    return fail(Errc::too_large, "the server's session id is longer than {} bytes", max_long);
  }
  GW_CHECK(s.endpoint.size() <= max_short && owner.adapter_uid.size() <= max_short, s.endpoint, owner.adapter_uid);
  GW_CHECK(s.expires >= 0 && s.expires <= 0xFFFFFFFF, s.expires);
  return {};
}

using Update = int (*)(EVP_CIPHER_CTX*, unsigned char*, int*, const unsigned char*, int);

// What is authenticated and not contained. The adapter's length keeps the two members of the owner apart.
bool authenticate(Update update, EVP_CIPHER_CTX* context, std::string_view prefix, const Owner& owner) {
  const char length = static_cast<char>(owner.adapter_uid.size());
  const auto add = [&](std::string_view part) {
    int ignored = 0;
    return part.empty() || update(context, nullptr, &ignored, bytes(part.data()), static_cast<int>(part.size())) == 1;
  };
  return add(prefix) && add({&length, 1}) && add(owner.adapter_uid) && add(owner.principal);
}

}  // namespace

struct Sealer::Impl {
  // A key with its cipher set up for opening: a call only sets the nonce.
  struct Opener {
    std::uint32_t id;
    Context context;
  };

  std::shared_ptr<const Keyring> keyring;
  Cipher cipher{EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)};
  Context sealing{EVP_CIPHER_CTX_new()};
  std::vector<Opener> openers;
  std::string plain;

  explicit Impl(std::shared_ptr<const Keyring> ring) : keyring(std::move(ring)) {
    GW_CHECK(cipher && sealing);
    GW_CHECK(EVP_EncryptInit_ex2(sealing.get(), cipher.get(), keyring->active().secret.data(), nullptr, nullptr) == 1);
    for (const Key& key : keyring->keys()) {
      Context context(EVP_CIPHER_CTX_new());
      GW_CHECK(context && EVP_DecryptInit_ex2(context.get(), cipher.get(), key.secret.data(), nullptr, nullptr) == 1);
      openers.push_back({key.id, std::move(context)});
    }
  }

  EVP_CIPHER_CTX* opener(std::uint32_t id) const {
    const auto found = std::find_if(openers.begin(), openers.end(), [&](const Opener& o) { return o.id == id; });
    return found == openers.end() ? nullptr : found->context.get();
  }

  // The plaintext of the binary form of an id.
  std::optional<std::string_view> decrypt(std::string_view raw, const Owner& owner) {
    if (raw.size() <= overhead || raw[0] != format_version) return {};
    EVP_CIPHER_CTX* const context = opener(static_cast<std::uint32_t>(Reader(raw.substr(1)).number(key_id_size)));
    if (!context) return {};
    const char* const nonce = raw.data() + prefix_size;
    const auto sealed = raw.substr(prefix_size + nonce_size, raw.size() - overhead);
    char tag[tag_size];
    std::memcpy(tag, raw.data() + raw.size() - tag_size, tag_size);
    plain.resize(sealed.size());
    int length = 0;
    const bool authentic = EVP_DecryptInit_ex2(context, nullptr, nullptr, bytes(nonce), nullptr) == 1 &&
                           authenticate(EVP_DecryptUpdate, context, raw.substr(0, prefix_size), owner) &&
                           EVP_DecryptUpdate(context, bytes(plain.data()), &length, bytes(sealed.data()),
                                             static_cast<int>(sealed.size())) == 1 &&
                           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_size, tag) == 1 &&
                           EVP_DecryptFinal_ex(context, bytes(plain.data()) + length, &length) == 1;
    if (!authentic) return {};
    return plain;
  }
};

Sealer::Sealer(std::shared_ptr<const Keyring> keyring) : impl_(std::make_unique<Impl>(std::move(keyring))) {}
Sealer::~Sealer() = default;
Sealer::Sealer(Sealer&&) noexcept = default;

Result<std::string> Sealer::seal(const Sealed& sealed, const Owner& owner) {
  GW_TRY_OK(check(sealed, owner));
  const std::string plain = encode(sealed);
  std::string raw(1, format_version);
  put(raw, impl_->keyring->active().id, key_id_size);
  raw += random_bytes(nonce_size);
  const std::size_t body = raw.size();
  raw.resize(body + plain.size() + tag_size);
  EVP_CIPHER_CTX* const context = impl_->sealing.get();
  int length = 0;
  const bool done =
      EVP_EncryptInit_ex2(context, nullptr, nullptr, bytes(raw.data()) + prefix_size, nullptr) == 1 &&
      authenticate(EVP_EncryptUpdate, context, std::string_view(raw).substr(0, prefix_size), owner) &&
      EVP_EncryptUpdate(context, bytes(raw.data()) + body, &length, bytes(plain.data()),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context, bytes(raw.data()) + body + length, &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_size, raw.data() + body + plain.size()) == 1;
  GW_CHECK(done);
  return base64url_encode(raw);
}

Result<Sealed> Sealer::open(std::string_view id, const Owner& owner, std::int64_t now) {
  if (id.size() > max_text || owner.adapter_uid.size() > max_short) return std::unexpected(unknown_session());
  const auto raw = base64url_decode(id);
  const auto plain = raw ? impl_->decrypt(*raw, owner) : std::nullopt;
  const auto sealed = plain ? decode(*plain) : std::nullopt;
  if (!sealed || sealed->expires <= now) return std::unexpected(unknown_session());
  return *sealed;
}

Error unknown_session() {
  return {Errc::not_found, "Session not found: it has ended or never was. Send initialize to start a new one."};
}

}  // namespace gw::session
