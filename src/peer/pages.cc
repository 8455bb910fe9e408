#include "peer/pages.h"

#include <unordered_set>

#include "base/strings.h"
#include "mcp/json_text.h"
#include "mcp/jsonrpc.h"
#include "runtime/event.h"
#include "runtime/race.h"

namespace gw::peer {
namespace {

constexpr std::size_t max_depth = 128;
constexpr std::size_t max_invalid = 100;     // Reasons that are kept.
constexpr std::size_t items_per_turn = 256;  // Read without letting others on the loop run.

std::string_view method_of(catalogue::Kind kind) {
  switch (kind) {
    case catalogue::Kind::tool: return "tools/list";
    case catalogue::Kind::prompt: return "prompts/list";
    case catalogue::Kind::resource: return "resources/list";
    case catalogue::Kind::resource_template: return "resources/templates/list";
  }
  return "tools/list";
}

// The members of one page. Views into the result.
struct Page {
  std::string_view items;
  std::string_view cursor;
  std::optional<std::uint64_t> ttl;  // Milliseconds.
};

Result<Page> read_page(std::string_view result, catalogue::Kind kind) {
  Page page{.items = mcp::json_member(result, catalogue::list_member(kind)),
            .cursor = mcp::json_member(result, "nextCursor"),
            .ttl = parse_unsigned(mcp::json_member(result, "ttlMs"))};
  if (!page.items.starts_with('[')) {
    return fail(Errc::upstream, "the server's answer to {} has no list of {}", method_of(kind),
                catalogue::list_member(kind));
  }
  if (page.cursor == "null") page.cursor = {};
  if (!page.cursor.empty() && !mcp::is_json_string(page.cursor)) {
    return fail(Errc::upstream, "the server's answer to {} has a cursor that is no string", method_of(kind));
  }
  return page;
}

// What an item without a usable definition is called.
std::string label_of(std::string_view item, catalogue::Kind kind, std::size_t position) {
  const char* const member = kind == catalogue::Kind::resource            ? "uri"
                             : kind == catalogue::Kind::resource_template ? "uriTemplate"
                                                                          : "name";
  const std::string_view name = mcp::is_json_object(item) ? mcp::json_member(item, member) : std::string_view();
  if (mcp::is_json_string(name)) return printable(mcp::json_unquote(name), 80);
  return fmt::format("#{}", position);
}

class Listing {
 public:
  Listing(catalogue::Kind kind, const ListerOptions& options) : kind_(kind), options_(options) {}

  Task<Result<>> add(std::string_view items) {
    mcp::JsonScanner json(items, max_depth);
    std::string_view item;
    for (json.enter_array(); json.next_element();) {
      if (!json.take(item)) break;
      if (++seen_ > options_.max_items) {
        co_return fail(Errc::upstream, "the server lists more than {} {}", options_.max_items,
                       catalogue::list_member(kind_));
      }
      auto definition = catalogue::read_definition(kind_, item);
      if (definition) {
        pages_.definitions.push_back(*std::move(definition));
      } else if (pages_.invalid.size() < max_invalid) {
        pages_.invalid.push_back({label_of(item, kind_, seen_ - 1), definition.error().message(), kind_});
      }
      if (seen_ % items_per_turn == 0) co_await yield();
    }
    if (!json.finish())
      co_return fail(Errc::upstream, "the server's list of {} is nested too deeply", method_of(kind_));
    co_return Result<>();
  }

  // Whether the cursor leads somewhere new.
  Result<> follow(std::string cursor) {
    if (cursors_.size() + 1 >= options_.max_pages) {
      return fail(Errc::upstream, "the server's {} has more than {} pages", method_of(kind_), options_.max_pages);
    }
    if (!cursors_.insert(std::move(cursor)).second) {
      return fail(Errc::upstream, "the server's cursors for {} go in circles", method_of(kind_));
    }
    return {};
  }

  Result<> count_bytes(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ <= options_.max_bytes) return {};
    return fail(Errc::upstream, "the server's {} has more than {} bytes", method_of(kind_), options_.max_bytes);
  }

  void fresh_for(std::optional<std::uint64_t> ttl) {
    if (!ttl || *ttl == 0 || *ttl > 86'400'000) return;
    pages_.fresh_for = std::min<Duration>(pages_.fresh_for, std::chrono::milliseconds(*ttl));
  }

  Pages take() { return std::move(pages_); }

 private:
  const catalogue::Kind kind_;
  const ListerOptions& options_;
  Pages pages_;
  std::unordered_set<std::string> cursors_;
  std::size_t seen_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

Task<Result<Pages>> list_all(RemotePeer& peer, const ClientPtr& client, catalogue::Kind kind,
                             const ListerOptions& options, Events& events) {
  Listing listing(kind, options);
  std::string params = "{}";
  while (true) {
    Ask ask;
    ask.client = client;
    ask.method = method_of(kind);
    ask.params = params;
    ask.repeatable = true;
    auto answered = co_await with_timeout(options.page_timeout, peer.call(ask, events));
    if (!answered) {
      co_return fail(Errc::timeout, "the server did not answer {} within {} ms", method_of(kind),
                     std::chrono::duration_cast<std::chrono::milliseconds>(options.page_timeout).count());
    }
    GW_CO_TRY(const Outcome outcome, *std::move(answered));
    if (outcome.failed) {
      if (outcome.failed->code == mcp::code::method_not_found) co_return listing.take();
      co_return fail(Errc::upstream, "the server answered {} with the error {}: {}", method_of(kind),
                     outcome.failed->code, printable(outcome.failed->message));
    }
    GW_CO_TRY_OK(listing.count_bytes(outcome.result.size()));
    GW_CO_TRY(const Page page, read_page(outcome.result, kind));
    GW_CO_TRY_OK(co_await listing.add(page.items));
    listing.fresh_for(page.ttl);
    if (page.cursor.empty()) co_return listing.take();
    GW_CO_TRY_OK(listing.follow(std::string(page.cursor)));
    params = fmt::format(R"({{"cursor":{}}})", page.cursor);
    co_await yield();
  }
}

}  // namespace gw::peer
