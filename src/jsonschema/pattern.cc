#include "jsonschema/pattern.h"

#include <algorithm>

#include <fmt/core.h>
#include <re2/re2.h>

#include "base/strings.h"

namespace gw::jsonschema {
namespace {

// RE2 divides what one expression is given among its program, the reverse of that, and the states that matching adds
// and keeps. States that find no room take the place of others; where that happens too often, matching goes without
// them.
constexpr std::size_t most_memory = 1 << 20;
constexpr std::size_t least_memory = 48 << 10;
constexpr std::size_t memory_per_instruction = 512;

bool is_hex(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
  });
}

// Appends what RE2 writes for the escape at the start of `rest`, and gives the length of the escape.
std::size_t translate_escape(std::string_view rest, std::string& out) {
  const char letter = rest.size() > 1 ? rest[1] : '\0';
  if (letter == 'u' && rest.substr(2).starts_with('{')) {
    if (const auto end = rest.find('}'); end != std::string_view::npos && is_hex(rest.substr(3, end - 3))) {
      out.append("\\x").append(rest.substr(2, end - 1));
      return end + 1;
    }
  }
  if (letter == 'u' && rest.size() >= 6 && is_hex(rest.substr(2, 4))) {
    out.append("\\x{").append(rest.substr(2, 4)).append("}");
    return 6;
  }
  if (letter == 'c' && rest.size() > 2 && ascii_lower(rest[2]) >= 'a' && ascii_lower(rest[2]) <= 'z') {
    out += fmt::format("\\x{:02x}", rest[2] & 0x1F);
    return 3;
  }
  // The long names of the general categories that people use.
  constexpr std::pair<std::string_view, std::string_view> categories[] = {
      {"{Letter}", "{L}"},
      {"{Lowercase_Letter}", "{Ll}"},
      {"{Uppercase_Letter}", "{Lu}"},
      {"{Number}", "{N}"},
      {"{Decimal_Number}", "{Nd}"},
      {"{digit}", "{Nd}"},
      {"{Punctuation}", "{P}"},
      {"{Symbol}", "{S}"},
      {"{Separator}", "{Z}"},
      {"{Space_Separator}", "{Zs}"},
      {"{Mark}", "{M}"},
  };
  if (letter == 'p' || letter == 'P') {
    for (const auto& [name, code] : categories) {
      if (!rest.substr(2).starts_with(name)) continue;
      out.append(rest.substr(0, 2)).append(code);
      return 2 + name.size();
    }
  }
  const std::size_t length = std::min<std::size_t>(rest.size(), 2);
  out += rest.substr(0, length);
  return length;
}

std::string translate(std::string_view source) {
  std::string out;
  for (std::size_t at = 0; at < source.size();) {
    const std::string_view rest = source.substr(at);
    if (rest.front() == '\\') {
      at += translate_escape(rest, out);
    } else if (rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!")) {
      out += "(?P<";
      at += 3;
    } else {
      out += rest.front();
      ++at;
    }
  }
  return out;
}

std::shared_ptr<const RE2> compile_within(std::size_t memory, const std::string& expression) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<std::int64_t>(memory));
  return std::make_shared<const RE2>(expression, options);
}

}  // namespace

std::expected<Pattern, std::string> Pattern::compile(std::string_view source) {
  const std::string expression = translate(source);
  auto compiled = compile_within(most_memory, expression);
  if (!compiled->ok()) {
    return std::unexpected(
        fmt::format("{} cannot be used: regular expressions are RE2's, without look-around and back-references ({})",
                    json_quote(printable(source)), printable(compiled->error())));
  }
  Pattern pattern;
  pattern.source_ = source;
  pattern.program_size_ = static_cast<std::size_t>(compiled->ProgramSize());
  pattern.memory_ = std::min(most_memory, least_memory + pattern.program_size_ * memory_per_instruction);
  pattern.compiled_ = pattern.memory_ < most_memory ? compile_within(pattern.memory_, expression) : compiled;
  if (!pattern.compiled_->ok()) {
    pattern.memory_ = most_memory;
    pattern.compiled_ = std::move(compiled);
  }
  return pattern;
}

bool Pattern::found_in(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace gw::jsonschema
