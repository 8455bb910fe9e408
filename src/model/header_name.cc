#include "model/header_name.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/strings.h"
#include "model/characters.h"

namespace gw::model {
namespace {

constexpr std::array<std::string_view, 12> of_the_gateway{
    "connection", "content-length", "content-type",      "expect",  "keep-alive",       "mcp-session-id",
    "te",         "trailer",        "transfer-encoding", "upgrade", "proxy-connection", "accept"};

constexpr std::array<std::string_view, 13> of_identity{
    "authorization",          "proxy-authorization", "cookie",         "host",           "forwarded",
    "x-request-id",           "x-real-ip",           "true-client-ip", "x-original-url", "x-rewrite-url",
    "x-http-method-override", "accept-encoding",     "proxy"};
constexpr std::array<std::string_view, 4> prefixes_of_identity{"mcp-", "x-mcp-", "x-forwarded-", "x-gateway-"};

}  // namespace

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos;
  });
}

bool is_set_by_gateway(std::string_view name) {
  return std::ranges::find(of_the_gateway, to_lower(name)) != of_the_gateway.end();
}

bool is_kept_from_arguments(std::string_view name) {
  std::string lower = to_lower(name);
  std::ranges::replace(lower, '_', '-');
  return is_set_by_gateway(lower) || std::ranges::find(of_identity, lower) != of_identity.end() ||
         std::ranges::any_of(prefixes_of_identity, [&](std::string_view prefix) { return lower.starts_with(prefix); });
}

}  // namespace gw::model
