#include "peer/outbound.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"
#include "mcp/json_text.h"

namespace gw::peer {
namespace {

constexpr std::size_t max_remembered = 1'024;

// Appends the value at the cursor with sorted members and without blanks. Numbers and strings stay as they are written.
void append_canonical(std::string& out, mcp::JsonScanner& json) {
  const char first = json.peek();
  if (first == '[') {
    out += '[';
    bool more = false;
    for (json.enter_array(); json.next_element(); more = true) {
      if (more) out += ',';
      append_canonical(out, json);
    }
    out += ']';
  } else if (first == '{') {
    std::vector<std::pair<std::string, std::string>> members;
    std::string_view key;
    for (json.enter_object(); json.next_member(key);) {
      std::string value;
      append_canonical(value, json);
      members.emplace_back(json_quote(mcp::json_unquote(key)), std::move(value));
    }
    std::ranges::sort(members);
    out += '{';
    for (const auto& [name, value] : members) {
      if (out.back() != '{') out += ',';
      out.append(name).append(":").append(value);
    }
    out += '}';
  } else {
    std::string_view raw;
    json.take(raw);
    out += raw;
  }
}

}  // namespace

Outbound::Outbound(const routing::RouteTable& its_routes, upstream::Pool& its_pool, Shared& its_shared,
                   Counters& its_counters)
    : routes(its_routes), pool(its_pool), shared(its_shared), counters(its_counters) {}

std::shared_ptr<const std::string> Outbound::canonical(const std::string& capabilities) {
  if (const auto it = canonical_.find(capabilities); it != canonical_.end()) return it->second;
  mcp::JsonScanner json(capabilities, 64);
  std::string text;
  append_canonical(text, json);
  auto made = std::make_shared<const std::string>(json.finish() ? std::move(text) : "{}");
  if (canonical_.size() >= max_remembered) canonical_.clear();
  canonical_[capabilities] = made;
  return made;
}

void Outbound::in_background(const char* name, Task<> task) {
  if (Loop::current() == nullptr || background_.size() >= shared.options.max_background) return;
  background_.spawn(name, std::move(task));
}

}  // namespace gw::peer
