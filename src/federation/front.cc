#include "federation/front.h"

#include "http/target.h"

namespace gw::federation {
namespace {

struct Known {
  std::string_view method;
  What what;
  bool legacy;
  bool modern;
};

constexpr Known known[] = {
    {"tools/call", What::call, true, true},
    {"tools/list", What::list_tools, true, true},
    {"prompts/get", What::call, true, true},
    {"prompts/list", What::list_prompts, true, true},
    {"resources/read", What::call, true, true},
    {"resources/list", What::list_resources, true, true},
    {"resources/templates/list", What::list_templates, true, true},
    {"completion/complete", What::call, true, true},
    {"initialize", What::initialize, true, false},
    {"ping", What::ping, true, false},
    {"logging/setLevel", What::set_log_level, true, false},
    {"resources/subscribe", What::subscribe, true, false},
    {"resources/unsubscribe", What::unsubscribe, true, false},
    {"server/discover", What::discover, false, true},
    {"subscriptions/listen", What::listen, false, true},
};

}  // namespace

std::optional<std::string> server_of_path(std::string_view path) {
  if (path == "/mcp") return "";
  constexpr std::string_view prefix = "/servers/";
  constexpr std::string_view suffix = "/mcp";
  if (!path.starts_with(prefix) || !path.ends_with(suffix) || path.size() <= prefix.size() + suffix.size()) return {};
  path.remove_prefix(prefix.size());
  path.remove_suffix(suffix.size());
  const auto segments = http::path_segments(path);
  if (segments.size() > 2) return {};
  std::string name;
  for (const std::string_view segment : segments) {
    const auto decoded = http::percent_decode(segment);
    if (segment.empty() || !decoded) return {};
    if (!name.empty()) name += '/';
    name += *decoded;
  }
  return name;
}

std::optional<What> what_of(std::string_view method, mcp::Era era) {
  for (const Known& entry : known) {
    if (entry.method == method) {
      return (era == mcp::Era::legacy ? entry.legacy : entry.modern) ? std::optional(entry.what) : std::nullopt;
    }
  }
  return {};
}

bool is_about_item(std::string_view method, mcp::Era era) {
  const auto what = what_of(method, era);
  return what == What::call || what == What::subscribe;
}

}  // namespace gw::federation
