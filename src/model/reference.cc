#include "model/reference.h"

#include <algorithm>
#include <vector>

namespace gw::model {
namespace {

enum class Kind { literal, env, file, secret };

struct Piece {
  Kind kind;
  std::string text;  // The literal, the variable's or the secret's name, or the path.
};

constexpr std::size_t longest_secret_name = 128;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_variable_name(std::string_view name) {
  const auto legal = [](char c) { return is_letter_or_digit(c) || c == '_'; };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, legal);
}

Result<Piece> parse_reference(std::string_view inside) {
  if (inside.starts_with("env:")) {
    const auto name = inside.substr(4);
    if (!is_variable_name(name)) {
      return fail(Errc::invalid, "${{env:…}} needs the name of an environment variable (letters, digits and _)");
    }
    return Piece{Kind::env, std::string(name)};
  }
  if (inside.starts_with("file:")) {
    const auto path = inside.substr(5);
    if (!path.starts_with('/') || path.find('\0') != std::string_view::npos) {
      return fail(Errc::invalid, "${{file:…}} needs an absolute path");
    }
    return Piece{Kind::file, std::string(path)};
  }
  if (inside.starts_with("secret:")) {
    const auto name = inside.substr(7);
    if (!is_secret_name(name)) {
      return fail(Errc::invalid, "${{secret:…}} needs the name of a secret (letters, digits, '.', '-' and '_')");
    }
    return Piece{Kind::secret, std::string(name)};
  }
  return fail(Errc::invalid,
              "a reference is ${{env:NAME}}, ${{file:/path}} or ${{secret:NAME}}; write $${{ for a dollar sign and a "
              "brace themselves");
}

Result<std::vector<Piece>> parse(std::string_view value) {
  std::vector<Piece> pieces;
  std::string literal;
  while (!value.empty()) {
    if (value.starts_with("$${")) {
      literal += "${";
      value.remove_prefix(3);
    } else if (value.starts_with("${")) {
      const auto end = value.find('}');
      if (end == std::string_view::npos) return fail(Errc::invalid, "a reference has no closing brace");
      GW_TRY(auto reference, parse_reference(value.substr(2, end - 2)));
      if (!literal.empty()) pieces.push_back({Kind::literal, std::exchange(literal, {})});
      pieces.push_back(std::move(reference));
      value.remove_prefix(end + 1);
    } else {
      literal += value[0];
      value.remove_prefix(1);
    }
  }
  if (!literal.empty()) pieces.push_back({Kind::literal, std::move(literal)});
  return pieces;
}

// "Bearer ", "token ", " ": an authentication scheme, not a secret.
bool is_harmless(std::string_view literal) {
  const auto word_end = literal.find(' ');
  if (literal.empty() || word_end == std::string_view::npos) return literal.empty();
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return word_end <= 12 && std::ranges::all_of(literal.substr(0, word_end), is_letter) &&
         literal.find_first_not_of(' ', word_end) == std::string_view::npos;
}

std::string without_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

Result<std::string> resolve(const Piece& piece, const ReferenceSources& sources) {
  if (piece.kind == Kind::literal) return piece.text;
  if (piece.kind == Kind::env) {
    auto found = sources.env(piece.text);
    if (!found) return fail(Errc::not_found, "the environment variable {} is not set", piece.text);
    return *std::move(found);
  }
  if (piece.kind == Kind::secret) {
    if (!sources.secret) return fail(Errc::not_found, "the secret '{}' cannot be used here", piece.text);
    GW_TRY(const auto secret, sources.secret(piece.text));
    return std::string(secret.reveal());
  }
  GW_TRY(auto text, sources.file(piece.text));
  return without_line_end(std::move(text));
}

}  // namespace

std::optional<std::string> check_references(std::string_view value) {
  const auto pieces = parse(value);
  if (pieces) return {};
  return pieces.error().message();
}

bool is_secret_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_secret_name && is_letter_or_digit(name[0]) &&
         std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_'; });
}

bool has_references(std::string_view value) {
  const auto pieces = parse(value);
  return pieces && std::ranges::any_of(*pieces, [](const Piece& piece) { return piece.kind != Kind::literal; });
}

bool holds_only_references(std::string_view value) {
  const auto pieces = parse(value);
  if (!pieces) return false;
  std::string literals;
  for (const Piece& piece : *pieces) literals += piece.kind == Kind::literal ? piece.text : "";
  const bool refers = std::ranges::any_of(*pieces, [](const Piece& piece) { return piece.kind != Kind::literal; });
  return refers && is_harmless(literals);
}

Result<std::string> resolve_references(std::string_view value, const ReferenceSources& sources) {
  GW_TRY(const auto pieces, parse(value));
  std::string resolved;
  for (const Piece& piece : pieces) {
    GW_TRY(const auto text, resolve(piece, sources));
    resolved += text;
  }
  return resolved;
}

std::string replace_port(std::string_view text, std::string_view port) {
  constexpr std::string_view place = "${port}";
  std::string replaced;
  while (!text.empty()) {
    const auto at = std::min(text.find(place), text.size());
    const bool escaped = at > 0 && text[at - 1] == '$';
    replaced += text.substr(0, at);
    text.remove_prefix(at);
    if (text.empty()) break;
    replaced += escaped ? place : port;
    text.remove_prefix(place.size());
  }
  return replaced;
}

}  // namespace gw::model
