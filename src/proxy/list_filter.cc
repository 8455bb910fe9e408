#include "proxy/list_filter.h"

#include <algorithm>
#include <array>
#include <vector>

#include "mcp/json_text.h"

namespace gw::proxy {
namespace {

using policy::Hints;
using policy::ItemKind;

constexpr std::size_t max_depth = 256;

struct List {
  std::string_view member;  // Of the result.
  ItemKind kind;
  std::string_view id;  // The member that identifies an item.
};
constexpr std::array lists = {List{"tools", ItemKind::tool, "name"}, List{"prompts", ItemKind::prompt, "name"},
                              List{"resources", ItemKind::resource, "uri"},
                              List{"resourceTemplates", ItemKind::resource, "uriTemplate"}};

class Filter {
 public:
  Filter(std::string_view text, const Shows& shows) : text_(text), json_(text, max_depth), shows_(shows) {}

  Result<std::optional<std::string>> run() {
    if (json_.peek() == '[') {
      for (json_.enter_array(); json_.next_element();) message();
    } else {
      message();
    }
    if (!json_.finish()) {
      return fail(Errc::upstream, "the server's answer cannot be checked for what may not be seen: {}",
                  json_.problem());
    }
    if (cuts_.empty()) return std::nullopt;
    return without_cuts();
  }

 private:
  struct Cut {
    std::size_t begin, end;
  };

  // Each of these passes one value.
  void skip() {
    std::string_view raw;
    json_.take(raw);
  }

  void message() {
    if (json_.peek() != '{') return skip();
    std::string_view key;
    for (json_.enter_object(); json_.next_member(key);) {
      if (mcp::json_unquote(key) == "result") {
        result();
      } else {
        skip();
      }
    }
  }

  void result() {
    if (json_.peek() != '{') return skip();
    std::string_view key;
    for (json_.enter_object(); json_.next_member(key);) {
      const std::string name = mcp::json_unquote(key);
      const auto* const found = std::ranges::find(lists, name, &List::member);
      if (found != lists.end() && json_.peek() == '[') {
        items(*found);
      } else {
        skip();
      }
    }
  }

  // With an item goes the comma before it, or, as long as none is kept, the one behind it.
  void items(const List& list) {
    bool kept = false;
    std::optional<std::size_t> removed_from;  // The start of what is removed before the first that is kept.
    std::size_t end = 0;                      // Of the item before.
    for (json_.enter_array(); json_.next_element();) {
      json_.peek();
      const std::size_t begin = json_.position();
      const bool shown = item(list);
      if (shown) {
        if (removed_from) cuts_.push_back({*removed_from, begin});
        removed_from.reset();
        kept = true;
      } else if (kept) {
        cuts_.push_back({end, json_.position()});
      } else if (!removed_from) {
        removed_from = begin;
      }
      end = json_.position();
    }
    if (removed_from) cuts_.push_back({*removed_from, end});
  }

  bool item(const List& list) {
    if (json_.peek() != '{') return skip(), false;
    std::string_view key, id;
    bool clear = true;
    bool annotated = false;
    Hints hints;
    for (json_.enter_object(); json_.next_member(key);) {
      const std::string name = mcp::json_unquote(key);
      if (name == list.id) {
        if (!id.empty()) clear = false;
        json_.take(id);
      } else if (list.kind == ItemKind::tool && name == "annotations") {
        if (std::exchange(annotated, true)) clear = false;
        annotations(hints);
      } else {
        skip();
      }
    }
    if (json_.failed() || !clear || !mcp::is_json_string(id)) return false;
    return shows_(list.kind, mcp::json_unquote(id), list.kind == ItemKind::tool ? std::optional(hints) : std::nullopt);
  }

  void annotations(Hints& hints) {
    if (json_.peek() != '{') return skip();
    std::string_view key, value;
    for (json_.enter_object(); json_.next_member(key) && json_.take(value);) {
      const std::string name = mcp::json_unquote(key);
      const auto read = [&](std::string_view hint, bool& into) {
        if (name == hint && (value == "true" || value == "false")) into = value == "true";
      };
      read("readOnlyHint", hints.read_only);
      read("destructiveHint", hints.destructive);
      read("idempotentHint", hints.idempotent);
      read("openWorldHint", hints.open_world);
    }
  }

  std::string without_cuts() const {
    std::string out;
    out.reserve(text_.size());
    std::size_t at = 0;
    for (const Cut& cut : cuts_) {
      out.append(text_.substr(at, cut.begin - at));
      at = cut.end;
    }
    out.append(text_.substr(at));
    return out;
  }

  std::string_view text_;
  mcp::JsonScanner json_;
  const Shows& shows_;
  std::vector<Cut> cuts_;  // In order, without overlap.
};

}  // namespace

Result<std::optional<std::string>> filter_lists(std::string_view message, const Shows& shows) {
  return Filter(message, shows).run();
}

}  // namespace gw::proxy
