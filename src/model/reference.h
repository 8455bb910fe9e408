// References in values: "Bearer ${env:TOKEN}", "${file:/run/secrets/key}", "${secret:search-token}". They keep secrets
// out of files and stores.
// "$${" stands for a plain "${"; every other dollar sign is plain text.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret_string.h"

namespace gw::model {

// What is wrong with the references in `value`, as a sentence without the value; nothing when they are well formed.
std::optional<std::string> check_references(std::string_view value);

// Whether showing `value` gives no secret away: apart from references it has at most one word, as in "Bearer ${env:T}".
bool holds_only_references(std::string_view value);

// Whether any part of `value` is a reference. False when it is malformed.
bool has_references(std::string_view value);

// What a secret may be called: 1 to 128 letters, digits, dots, dashes and underscores, the first a letter or digit.
bool is_secret_name(std::string_view name);

// Where references lead. Called only while resolve_references runs.
struct ReferenceSources {
  std::function<std::optional<std::string>(const std::string& name)> env;
  std::function<Result<std::string>(const std::string& path)> file;
  std::function<Result<SecretString>(const std::string& name)> secret = {};  // Empty: there are none.
};

// `value` with its references replaced. One line end at the end of a file is dropped. Errc::invalid when malformed,
// Errc::not_found for a variable that is not set; errors of files and secrets are passed on. No error shows a resolved
// value.
Result<std::string> resolve_references(std::string_view value, const ReferenceSources& sources);

// `text` with `port` in the place of each ${port}: how the arguments and variables of a local HTTP server may name the
// port that the gateway hands out. "$${port}" is left alone.
std::string replace_port(std::string_view text, std::string_view port);

}  // namespace gw::model
