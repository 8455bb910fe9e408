#include "catalogue/naming.h"

#include <fmt/core.h>

#include "base/check.h"
#include "base/sha256.h"
#include "base/strings.h"

namespace gw::catalogue {
namespace {

constexpr std::string_view mark = "gw+";
constexpr std::string_view ui = "ui://";
constexpr std::size_t suffix = 9;

bool is_legal(char c) {
  return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_' || c == '.' ||
         c == '/' || c == '-';
}

}  // namespace

std::string legal_name(std::string_view name, std::size_t longest) {
  GW_CHECK(longest >= 16, longest);
  std::string legal;
  bool lost = name.empty();
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    lost = lost || byte >= 0x80;
    if (byte >= 0x80 && byte < 0xC0) continue;  // One "_" for each character, not for each of its bytes.
    legal += is_legal(c) ? c : '_';
  }
  if (!lost && legal.size() <= longest) return legal;
  legal.resize(std::min(legal.size(), longest - suffix));
  return fmt::format("{}_{}", legal, sha256_hex(name).substr(0, suffix - 1));
}

std::string mapped_address(std::string_view adapter, std::string_view uri) {
  if (uri.starts_with(ui)) return fmt::format("{}{}{}/{}", ui, mark, adapter, uri.substr(ui.size()));
  return fmt::format("{}{}:{}", mark, adapter, uri);
}

std::optional<MappedAddress> unmapped_address(std::string_view address) {
  const bool is_ui = address.starts_with(ui);
  if (is_ui) address.remove_prefix(ui.size());
  if (!address.starts_with(mark)) return {};
  address.remove_prefix(mark.size());
  const auto end = address.find(is_ui ? '/' : ':');
  if (end == std::string_view::npos) return {};
  const std::string_view rest = address.substr(end + 1);
  if (!is_ui && rest.starts_with(ui)) return {};  // One form for one address.
  return MappedAddress{std::string(address.substr(0, end)), is_ui ? fmt::format("{}{}", ui, rest) : std::string(rest)};
}

}  // namespace gw::catalogue
