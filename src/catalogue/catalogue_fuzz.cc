// Input: lines, each a definition for one of two servers. Whatever is accepted is offered under a unique legal name,
// still is a definition, finds its way back, and lists are JSON. The whole input is rewritten as a result, too.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/strings.h"
#include "catalogue/page.h"
#include "catalogue/rewrite.h"
#include "mcp/json_text.h"

namespace gw::catalogue {
namespace {

bool is_json(std::string_view text) {
  mcp::JsonScanner json(text, 2048);
  std::string_view raw;
  json.take(raw);
  return json.finish();
}

void check_snapshot(const SnapshotPtr& snapshot) {
  for (const Kind kind : {Kind::tool, Kind::prompt, Kind::resource, Kind::resource_template}) {
    for (const Item& item : snapshot->items(kind)) {
      GW_CHECK(snapshot->find(kind, item.name) == &item);
      const auto again = read_definition(kind, item.json, {.max_bytes = 8 << 20, .max_address = 8 << 10});
      GW_CHECK(again && again->name == item.name, item.json);
      if (kind == Kind::tool || kind == Kind::prompt) continue;
      const auto back = snapshot->upstream_address(item.name);
      GW_CHECK(back && back->adapter == item.adapter && back->uri == item.upstream_name, item.name);
    }
    const View view = make_view(snapshot, kind, {});
    GW_CHECK(is_json("[" + view.joined + "]"));
    std::size_t pages = 0;
    for (std::string cursor; pages == 0 || !cursor.empty(); ++pages) cursor = page(view, cursor, 2)->next_cursor;
    GW_CHECK(pages <= view.items.size() / 2 + 1);
  }
  GW_CHECK(is_json(snapshot->legacy_capabilities()));
}

void check_rewriting(std::string_view text, const SnapshotPtr& snapshot) {
  const auto same = [](std::string_view uri) { return std::string(uri); };
  GW_CHECK(!rewrite_addresses(text, same));
  const auto to_client = [&](std::string_view uri) { return snapshot->client_address("b", uri); };
  if (const auto changed = rewrite_addresses(text, to_client)) GW_CHECK(is_json(*changed) && is_json(text));
}

}  // namespace
}  // namespace gw::catalogue

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gw::catalogue;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto first = std::make_shared<Listing>(Listing{.adapter = "a", .capabilities = "{\"resources\":{}}"});
  auto second = std::make_shared<Listing>(Listing{.adapter = "b", .prefix = "p_"});
  std::size_t line = 0;
  for (const std::string_view json : gw::split_list(text, '\n')) {
    for (const Kind kind : {Kind::tool, Kind::prompt, Kind::resource, Kind::resource_template}) {
      if (auto made = read_definition(kind, json)) (line % 3 ? first : second)->definitions.push_back(*std::move(made));
    }
    ++line;
  }
  for (const PrefixMode mode : {PrefixMode::always, PrefixMode::conditional, PrefixMode::never}) {
    MergeOptions options{.prefix_mode = mode};
    options.overrides = {{.adapter = "a", .match = "*a*", .description = "d", .annotations = {{"readOnlyHint", true}}}};
    const auto snapshot = merge({first, second}, options, 1);
    check_snapshot(snapshot);
    check_rewriting(text, snapshot);
    if (const Item* const fits = snapshot->find_template(text)) GW_CHECK(fits->kind == Kind::resource_template);
    GW_CHECK(snapshot->near(Kind::tool, text.substr(0, 64)).size() <= 3);
  }
  return 0;
}
