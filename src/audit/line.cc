#include "audit/line.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/check.h"
#include "base/strings.h"
#include "json/json.h"
#include "json/timestamp.h"

namespace gw::audit {
namespace {

constexpr std::string_view before_hash = ",\"hash\":\"";
constexpr std::string_view after_hash = "\"}";
constexpr std::size_t hash_digits = 64;
constexpr std::size_t hash_member = before_hash.size() + hash_digits + after_hash.size();

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  GW_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

bool is_hash(std::string_view text) {
  return text.size() == hash_digits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// `text` without what would be cut in the middle of a character.
std::string_view cut(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text;
  while (max > 0 && continues(text[max])) --max;
  return text.substr(0, max);
}

// A JSON string of at most `max` bytes before escaping.
std::string quote(std::string_view text, std::size_t max) {
  const std::string_view kept = cut(text, max);
  std::string quoted = json_quote(kept);
  if (kept.size() < text.size()) quoted.insert(quoted.size() - 1, "…");
  std::string safe;
  for (std::size_t at = 0; at < quoted.size();) {
    std::size_t length = 1;
    while (at + length < quoted.size() && continues(quoted[at + length])) ++length;
    const auto character = std::string_view(quoted).substr(at, length);
    const auto obeyed = obeyed_character(character);
    obeyed ? safe += fmt::format("\\u{:04x}", static_cast<unsigned>(*obeyed)) : safe += character;
    at += length;
  }
  return safe;
}

std::string format_time(PreciseWallTime time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  std::string text = json::format_timestamp(ms);
  text.pop_back();
  return fmt::format("{}{:03}Z", text, (time - ms).count());
}

const boost::json::string* text_member(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value ? value->if_string() : nullptr;
}

std::optional<std::uint64_t> number_member(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (!value || !value->is_number()) return {};
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  if (error) return {};
  return number;
}

}  // namespace

std::string members_of(const Record& record, PreciseWallTime time) {
  const auto kind = record.kind == Kind::change ? "change" : "decision";
  return fmt::format(
      R"("time":"{}","kind":"{}","user":{},"method":{},"client":{},"action":{},"adapter":{},"item":{},"answer":{},)"
      R"("reason":{},"request":{})",
      format_time(time), kind, quote(record.user, 256), quote(record.method, 32), quote(record.client, 64),
      quote(record.action, 128), quote(record.adapter, 128), quote(record.item, 512), quote(record.answer, 32),
      quote(record.reason, 1024), quote(record.request, 128));
}

std::string make_line(std::uint64_t seq, std::string_view members, std::string& last_hash) {
  std::string line = fmt::format(R"({{"seq":{},{},"previous":"{}"}})", seq, members, last_hash);
  last_hash = sha256_hex(line);
  line.pop_back();
  line += before_hash;
  line += last_hash;
  line += after_hash;
  line += '\n';
  return line;
}

std::optional<Line> read_line(std::string_view text) {
  if (text.size() > longest_line || text.size() < hash_member) return {};
  const auto parsed = json::parse(text);
  const auto* object = parsed ? parsed->if_object() : nullptr;
  if (!object) return {};
  const auto seq = number_member(*object, "seq");
  const auto* time = text_member(*object, "time");
  const auto* previous = text_member(*object, "previous");
  const auto* hash = text_member(*object, "hash");
  if (!seq || !time || !previous || !is_hash(*previous) || !hash || !is_hash(*hash)) return {};

  Line line{.seq = *seq, .time = time->c_str(), .previous = previous->c_str(), .hash = hash->c_str()};
  const std::string_view tail = text.substr(text.size() - hash_member);
  line.intact = tail.starts_with(before_hash) && tail.substr(before_hash.size(), hash_digits) == line.hash &&
                tail.ends_with(after_hash) &&
                sha256_hex(std::string(text.substr(0, text.size() - hash_member)) + "}") == line.hash;
  return line;
}

}  // namespace gw::audit
