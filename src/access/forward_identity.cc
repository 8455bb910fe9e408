// What servers learn of the caller.
#include "access/access.h"
#include "base/strings.h"
#include "runtime/time.h"

namespace gw::access {
namespace {

constexpr std::size_t max_signed = 10'000;
constexpr std::int64_t reuse_seconds = 30;

// Identity providers let users choose their names. What cannot stand in a header field is replaced, not escaped: a
// server that reads `?` for a line end is better off than one that reads two lines.
std::string field_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return std::string(trim(out));
}

void add(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(field_text(value)).append("\r\n");
}

// A comma in a role would make two of it.
std::string joined_roles(const std::vector<std::string>& roles) {
  std::string text;
  for (const std::string& role : roles) {
    if (role.find(',') != std::string::npos) continue;
    text.append(text.empty() ? "" : ",").append(role);
  }
  return text;
}

}  // namespace

std::string Access::identity_fields(const identity::Principal& who, const routing::AdapterRoute& route) {
  std::string fields;
  if (route.forwarded_identity == model::ForwardedIdentity::none || who.method == identity::Method::none) return fields;
  add(fields, "X-Mcp-UserId", who.user);
  if (!who.name.empty()) add(fields, "X-Mcp-UserName", who.name);
  if (const std::string roles = joined_roles(who.roles); !roles.empty()) add(fields, "X-Mcp-Roles", roles);
  if (route.forwarded_identity != model::ForwardedIdentity::token) return fields;

  const std::int64_t now = std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
  if (signed_.size() >= max_signed) signed_.clear();
  SignedIdentity& known = signed_[{identity::to_text(who), route.name}];
  if (known.until <= now) {
    const std::string audience = settings_->origin + "/adapters/" + route.name;
    known = {.token = signer_.sign(who, settings_->origin, audience, now), .until = now + reuse_seconds};
  }
  add(fields, "X-Mcp-Identity", known.token);
  return fields;
}

}  // namespace gw::access
