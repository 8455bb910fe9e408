#include "vault/key_file.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/base64.h"
#include "base/files.h"
#include "base/strings.h"
#include "runtime/random.h"
#include "vault/cipher.h"

namespace gw::vault {
namespace {

// `text` in the alphabet of base64url, without padding and line end.
std::string normal(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out(text);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  return out;
}

Result<SecretString> parse(std::string_view text, std::string_view place) {
  auto key = base64url_decode(normal(text));
  if (key && key->size() == Cipher::key_size) return SecretString(*std::move(key));
  return fail(Errc::invalid, "{} is not a key: it must be {} bytes in base64, as openssl rand -base64 {} writes them",
              place, Cipher::key_size, Cipher::key_size);
}

Result<> check_private(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0 || (status.st_mode & 077) == 0) return {};
  return fail(Errc::forbidden,
              "{} can be read by others than its owner: chmod 600 {}, and set all secrets anew with another key if it "
              "may have been read",
              file.string(), file.string());
}

}  // namespace

Result<SecretString> load_or_create_key(const std::filesystem::path& file,
                                        const std::optional<std::string>& from_environment) {
  if (from_environment) return parse(*from_environment, key_variable);
  GW_TRY_OK(check_private(file));
  const auto text = read_regular_file(file, 4096);
  if (text) return parse(*text, file.string());
  if (text.error().code() != Errc::not_found) return std::unexpected(text.error());
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);  // Writing says so when there is no folder.
  SecretString key(random_bytes(Cipher::key_size));
  GW_TRY_OK(write_private_file(file, base64url_encode(key.reveal()) + "\n"));
  return key;
}

}  // namespace gw::vault
