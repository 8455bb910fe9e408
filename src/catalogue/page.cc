#include "catalogue/page.h"

#include <algorithm>

#include "base/base64.h"
#include "base/sha256.h"

namespace gw::catalogue {
namespace {

constexpr std::string_view letters = "tprm";  // Of the kinds; the first character of what a cursor says.

std::string cursor_after(const Item& item) {
  return base64url_encode(letters[static_cast<std::size_t>(item.kind)] + item.name);
}

}  // namespace

bool suits(const Item& item, mcp::Era era) {
  return era == mcp::Era::legacy || item.definition->mirror_problem.empty();
}

View make_view(SnapshotPtr snapshot, Kind kind, const Filter& shows) {
  View view{.snapshot = std::move(snapshot), .kind = kind};
  std::string hashes;
  for (const Item& item : view.snapshot->items(kind)) {
    if (shows && !shows(item)) continue;
    if (!view.items.empty()) view.joined += ',';
    view.starts.push_back(view.joined.size());
    view.items.push_back(&item);
    view.joined += item.json;
    view.estimated_tokens += item.estimated_tokens;
    hashes += item.hash;
  }
  view.hash = sha256_hex(hashes);
  return view;
}

Result<Page> page(const View& view, std::string_view cursor, std::size_t size) {
  std::size_t first = 0;
  if (!cursor.empty()) {
    const auto said = base64url_decode(cursor);
    if (!said || said->size() < 2 || said->front() != letters[static_cast<std::size_t>(view.kind)]) {
      return fail(Errc::invalid, "the cursor is none that this list gave out; list again without one");
    }
    const auto next = std::ranges::upper_bound(view.items, std::string_view(*said).substr(1), {},
                                               [](const Item* item) -> std::string_view { return item->name; });
    first = static_cast<std::size_t>(next - view.items.begin());
  }
  const std::size_t left = view.items.size() - first;
  const std::size_t count = size == 0 ? left : std::min(size, left);
  if (count == 0) return Page{};
  const std::size_t start = view.starts[first];
  if (count == left) return Page{std::string_view(view.joined).substr(start), ""};
  const std::size_t end = view.starts[first + count] - 1;  // Before the comma.
  return Page{std::string_view(view.joined).substr(start, end - start), cursor_after(*view.items[first + count - 1])};
}

}  // namespace gw::catalogue
