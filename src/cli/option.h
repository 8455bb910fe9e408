// Options of commands that take texts: thin helpers over CLI11.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/strings.h"

namespace gw::cli {

inline CLI::Option* text_option(CLI::App* command, const std::string& name, const std::string& type,
                                const std::string& description, const std::function<void(const std::string&)>& set) {
  return command->add_option_function<std::string>(name, set, description)->type_name(type);
}

inline CLI::Option* texts_option(CLI::App* command, const std::string& name, const std::string& type,
                                 const std::string& description, std::vector<std::string>& texts) {
  return command->add_option(name, texts, description)
      ->type_name(type)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

inline void throw_unless(const Result<>& result, const std::string& option) {
  if (!result) throw CLI::ValidationError(option, result.error().message());
}

// A text that `read` takes apart.
inline CLI::Option* read_option(CLI::App* command, const std::string& name, const std::string& type,
                                const std::string& description,
                                const std::function<Result<>(const std::string&)>& read) {
  return text_option(command, name, type, description,
                     [name, read](const std::string& text) { throw_unless(read(text), name); });
}

// "a, b or c"
template <class E>
std::string names_of(const std::vector<std::pair<std::string, E>>& choices) {
  std::string names;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    names += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i].first;
  }
  return names;
}

// One of the names.
template <class E>
CLI::Option* choice_option(CLI::App* command, const std::string& name, const std::string& description,
                           const std::vector<std::pair<std::string, E>>& choices, const std::function<void(E)>& set) {
  std::string names;
  for (const auto& [text, value] : choices) names += (names.empty() ? "" : "|") + text;
  const auto check = [choices](const std::string& text) -> std::string {
    for (const auto& [known, value] : choices) {
      if (known == text) return {};
    }
    return fmt::format("'{}' is not one of {}", printable(text, 60), names_of(choices));
  };
  const auto choose = [choices, set](const std::string& text) {
    for (const auto& [known, value] : choices) {
      if (known == text) set(value);
    }
  };
  const bool positional = !name.starts_with("-");
  return text_option(command, name, positional ? "" : names, description, choose)->check(CLI::Validator(check, "", ""));
}

}  // namespace gw::cli
