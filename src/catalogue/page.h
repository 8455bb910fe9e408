// List results: items joined as they are.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "catalogue/snapshot.h"
#include "mcp/era.h"

namespace gw::catalogue {

// Whether a client of that era may be shown the item at all (Definition::mirror_problem). For filters.
bool suits(const Item& item, mcp::Era era);

// Which items a caller sees of one kind, and the bytes of their join. Made once for a snapshot and a filter.
struct View {
  SnapshotPtr snapshot;
  Kind kind = Kind::tool;
  std::vector<const Item*> items;   // Into the snapshot, in its order.
  std::string joined;               // The items with commas between them.
  std::vector<std::size_t> starts;  // Of each item in `joined`.
  std::string hash;                 // Of what is seen: two views with the same hash show the same.
  std::uint64_t estimated_tokens = 0;
};
View make_view(SnapshotPtr snapshot, Kind kind, const Filter& shows);

// One page. Cursors name the last item that was shown, so they stay valid whatever comes or goes: an item is neither
// shown twice nor left out because others changed.
struct Page {
  std::string_view items;   // Into View::joined.
  std::string next_cursor;  // Empty on the last page.
};
// An empty cursor begins. Errc::invalid for a cursor that is none of ours, or of another kind of list. `size` 0:
// everything on one page.
Result<Page> page(const View& view, std::string_view cursor, std::size_t size);

}  // namespace gw::catalogue
