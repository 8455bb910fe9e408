// The key that secrets are sealed with.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/secret_string.h"

namespace gw::vault {

// The environment variable that brings the key instead of a file: 32 bytes in base64, of either alphabet.
inline constexpr const char* key_variable = "MCP_GATEWAY_SECRETS_KEY";

// The key of Cipher: `from_environment`, the value of key_variable, if there is one; else what `file` says, which is
// made with a random key and mode 0600 when it is missing. Errc::invalid for anything but 32 bytes in base64,
// Errc::forbidden for a file that others can read.
Result<SecretString> load_or_create_key(const std::filesystem::path& file,
                                        const std::optional<std::string>& from_environment);

}  // namespace gw::vault
