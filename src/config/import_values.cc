#include "config/import_values.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/strings.h"
#include "model/reference.h"

namespace gw::config {
namespace {

constexpr std::array<std::string_view, 9> secret_words{"token",      "secret", "password",      "passwd", "apikey",
                                                       "credential", "_key",   "authorization", "-key"};
constexpr std::array<std::string_view, 8> secret_beginnings{"sk-",   "ghp_", "github_pat_", "glpat-",
                                                            "xoxb-", "AKIA", "Bearer ",     "Basic "};

bool is_word(std::string_view text) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::ranges::all_of(text, legal);
}

// An environment variable's name made from an input's id: "github-token" becomes "GITHUB_TOKEN".
std::string variable_of(std::string_view id) {
  std::string name;
  for (const char c : id) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = lower || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  }
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(0, "_");
  return name;
}

// Variables that editors know; everything else in capitals is the environment's.
bool is_editor_variable(std::string_view name) {
  return std::ranges::any_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
}

class Translation {
 public:
  Translation(const std::string& where, const std::map<std::string, std::string>& inputs,
              std::vector<std::string>& warnings)
      : where_(where), inputs_(inputs), warnings_(warnings) {}

  std::string variable(std::string_view inside) {
    if (inside.starts_with("env:") && is_word(inside.substr(4))) return fmt::format("${{{}}}", inside);
    if (inside.starts_with("input:")) return input(inside.substr(6));
    const auto fallback = inside.find(":-");
    const auto name = inside.substr(0, fallback);
    if (!is_word(name) || is_editor_variable(name)) return plain(inside);
    if (fallback != std::string_view::npos) {
      warn(fmt::format("the fallback of ${{{}}} was left out; set the environment variable {}", name, name));
    }
    return fmt::format("${{env:{}}}", name);
  }

 private:
  std::string input(std::string_view id) {
    const std::string name = variable_of(id);
    const auto described = inputs_.find(std::string(id));
    const std::string what = described == inputs_.end() || described->second.empty()
                                 ? ""
                                 : fmt::format(" ({})", printable(described->second, 120));
    warn(fmt::format("the editor asked for '{}'{}; set the environment variable {} for the gateway", printable(id, 60),
                     what, name));
    return fmt::format("${{env:{}}}", name);
  }

  std::string plain(std::string_view inside) {
    warn(fmt::format("${{{}}} means something only to an editor and is plain text now", printable(inside, 60)));
    return fmt::format("$${{{}}}", inside);
  }

  void warn(std::string_view message) { warnings_.push_back(fmt::format("{}: {}", where_, message)); }

  const std::string& where_;
  const std::map<std::string, std::string>& inputs_;
  std::vector<std::string>& warnings_;
};

}  // namespace

bool has_variables(std::string_view text) {
  return text.find("${") != std::string_view::npos;
}

std::string import_value(std::string_view value, const std::string& where,
                         const std::map<std::string, std::string>& inputs, std::vector<std::string>& warnings) {
  Translation translation(where, inputs, warnings);
  std::string translated;
  while (true) {
    const auto start = value.find("${");
    const auto end = value.find('}', start);
    if (start == std::string_view::npos || end == std::string_view::npos) break;
    translated += value.substr(0, start);
    translated += translation.variable(value.substr(start + 2, end - start - 2));
    value.remove_prefix(end + 1);
  }
  for (auto start = value.find("${"); start != std::string_view::npos; start = value.find("${")) {
    translated += value.substr(0, start);
    translated += "$${";
    value.remove_prefix(start + 2);
  }
  return translated + std::string(value);
}

bool looks_secret(std::string_view name, std::string_view value) {
  if (value.empty() || model::holds_only_references(value)) return false;
  const std::string lower = to_lower(name);
  return std::ranges::any_of(secret_words, [&](auto word) { return lower.find(word) != std::string::npos; }) ||
         std::ranges::any_of(secret_beginnings, [&](auto beginning) { return value.starts_with(beginning); });
}

}  // namespace gw::config
