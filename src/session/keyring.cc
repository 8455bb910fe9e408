#include "session/keyring.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include <fmt/core.h>

#include "base/base64.h"
#include "base/check.h"
#include "base/files.h"
#include "base/strings.h"
#include "runtime/random.h"

namespace gw::session {
namespace {

std::optional<std::uint32_t> parse_id(std::string_view text) {
  std::uint32_t id = 0;
  if (text.size() != 8) return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return id;
}

std::optional<Key> parse_key(std::string_view line) {
  const auto parts = split_list(line, ' ');
  if (parts.size() != 2) return {};
  const auto id = parse_id(parts[0]);
  const auto secret = base64url_decode(parts[1]);
  if (!id || !secret || secret->size() != sizeof Key::secret) return {};
  Key key;
  key.id = *id;
  std::memcpy(key.secret.data(), secret->data(), secret->size());
  return key;
}

bool has_id(const std::vector<Key>& keys, std::uint32_t id) {
  return std::any_of(keys.begin(), keys.end(), [&](const Key& key) { return key.id == id; });
}

Result<> check_private(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0 || (status.st_mode & 077) == 0)
    return {};  // Reading it says what else is wrong.
  return fail(Errc::forbidden,
              "{} can be read by others than its owner: chmod 600 {}, and remove it to get new keys if it "
              "may have been read",
              file.string(), file.string());
}

}  // namespace

Key Key::generate() {
  Key key;
  const std::string id = random_bytes(sizeof key.id);
  const std::string secret = random_bytes(key.secret.size());
  std::memcpy(&key.id, id.data(), sizeof key.id);
  std::memcpy(key.secret.data(), secret.data(), secret.size());
  return key;
}

Key::~Key() {
  OPENSSL_cleanse(secret.data(), secret.size());
}

Keyring::Keyring(std::vector<Key> keys) : keys_(std::move(keys)) {
  GW_CHECK(!keys_.empty());
}

Keyring Keyring::generate() {
  return Keyring({Key::generate()});
}

Keyring Keyring::from_secret(std::string_view secret) {
  constexpr std::string_view purpose = "mcp-gateway session keys";  // The salt: the same for all who share the secret.
  constexpr std::uint64_t rounds = 1 << 15, block = 8, lanes = 1, most_memory = 64 << 20;
  std::array<unsigned char, sizeof Key::id + sizeof Key::secret> made{};
  const int done = EVP_PBE_scrypt(secret.data(), secret.size(), reinterpret_cast<const unsigned char*>(purpose.data()),
                                  purpose.size(), rounds, block, lanes, most_memory, made.data(), made.size());
  GW_CHECK(done == 1);
  Key key;
  std::memcpy(&key.id, made.data(), sizeof key.id);
  std::memcpy(key.secret.data(), made.data() + sizeof key.id, key.secret.size());
  OPENSSL_cleanse(made.data(), made.size());
  return Keyring({key});
}

Result<Keyring> Keyring::parse(std::string_view text) {
  std::vector<Key> keys;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const auto key = parse_key(line);
    if (!key) return fail(Errc::invalid, "line {} is not \"<8 hexadecimal digits> <32 bytes in base64url>\"", number);
    if (has_id(keys, key->id)) return fail(Errc::invalid, "line {} repeats the id of an earlier key", number);
    keys.push_back(*key);
  }
  if (keys.empty()) return fail(Errc::invalid, "there is no key: remove the file to get a new one");
  return Keyring(std::move(keys));
}

Result<Keyring> Keyring::load_or_create(const std::filesystem::path& file) {
  GW_TRY_OK(check_private(file));
  const auto text = read_file(file, 64 << 10);
  if (!text && text.error().code() != Errc::not_found) return std::unexpected(text.error());
  if (text) {
    auto keyring = parse(*text);
    if (!keyring) return std::unexpected(keyring.error().within(file.string()));
    return keyring;
  }
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);  // save() says so when there is no folder.
  Keyring fresh = generate();
  GW_TRY_OK(fresh.save(file));
  return fresh;
}

Keyring Keyring::rotated(std::size_t keep) const {
  std::vector<Key> keys{Key::generate()};
  while (has_id(keys_, keys[0].id)) keys[0] = Key::generate();
  keys.insert(keys.end(), keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(std::min(keep, keys_.size())));
  return Keyring(std::move(keys));
}

Result<> Keyring::save(const std::filesystem::path& file) const {
  return write_private_file(file, text());
}

std::string Keyring::text() const {
  std::string out = "# Keys of mcp-gateway that seal session ids. The first seals, all open. Keep this file secret.\n";
  for (const Key& key : keys_) {
    const std::string_view secret(reinterpret_cast<const char*>(key.secret.data()), key.secret.size());
    out += fmt::format("{:08x} {}\n", key.id, base64url_encode(secret));
  }
  return out;
}

}  // namespace gw::session
