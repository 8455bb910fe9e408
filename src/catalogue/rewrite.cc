#include "catalogue/rewrite.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"
#include "catalogue/json_key.h"
#include "mcp/json_text.h"
#include "mcp/jsonrpc.h"

namespace gw::catalogue {
namespace {

// A member that is there twice counts twice, so that no reader finds an address that was not mapped. A read_… method
// passes the value at the cursor, whatever it is. All of it is one scan.
class Addresses {
 public:
  explicit Addresses(std::string_view result) : json_(result, max_depth) {}

  // The raw literals of the addresses; none when the text is no JSON object.
  std::vector<std::string_view> find() {
    std::string_view key;
    if (json_.peek() != '{') return {};
    for (json_.enter_object(); json_.next_member(key);) {
      if (is_key(key, "content")) {
        read_list([&] { read_block(); });
      } else if (is_key(key, "contents")) {
        read_list([&] { read_contents(); });
      } else if (is_key(key, "messages")) {
        read_list([&] { read_message(); });
      } else if (is_key(key, "_meta")) {
        read_meta();
      } else {
        skip();
      }
    }
    if (!json_.finish()) return {};
    return std::move(found_);
  }

 private:
  static constexpr std::size_t max_depth = 512;

  void skip() {
    std::string_view raw;
    json_.take(raw);
  }

  void read_list(const auto& read_element) {
    if (json_.peek() != '[') return skip();
    for (json_.enter_array(); json_.next_element();) read_element();
  }

  // The addresses of a resource link count once its type is known, which may be after them.
  void read_block() {
    if (json_.peek() != '{') return skip();
    std::string_view key, value;
    std::vector<std::string_view> uris;
    bool is_link = false;
    for (json_.enter_object(); json_.next_member(key);) {
      if (is_key(key, "resource")) {
        read_contents();
      } else if (is_key(key, "_meta")) {
        read_meta();
      } else if (is_key(key, "type")) {
        json_.take(value);
        is_link = is_link || (mcp::is_json_string(value) && is_key(value, "resource_link"));
      } else if (is_key(key, "uri")) {
        json_.take(uris.emplace_back());
      } else {
        skip();
      }
    }
    if (!is_link) return;
    for (const std::string_view uri : uris) keep(uri);
  }

  void read_contents() {
    if (json_.peek() != '{') return skip();
    std::string_view key, uri;
    for (json_.enter_object(); json_.next_member(key);) {
      if (is_key(key, "uri")) {
        json_.take(uri);
        keep(uri);
      } else if (is_key(key, "_meta")) {
        read_meta();
      } else {
        skip();
      }
    }
  }

  void read_message() {
    if (json_.peek() != '{') return skip();
    std::string_view key;
    for (json_.enter_object(); json_.next_member(key);) {
      if (!is_key(key, "content")) {
        skip();
      } else if (json_.peek() == '[') {
        read_list([&] { read_block(); });
      } else {
        read_block();
      }
    }
  }

  void read_meta() {
    if (json_.peek() != '{') return skip();
    std::string_view key;
    for (json_.enter_object(); json_.next_member(key);) {
      if (is_key(key, "ui")) {
        read_ui();
      } else {
        skip();
      }
    }
  }

  void read_ui() {
    if (json_.peek() != '{') return skip();
    std::string_view key, uri;
    for (json_.enter_object(); json_.next_member(key);) {
      if (is_key(key, "resourceUri")) {
        json_.take(uri);
        keep(uri);
      } else {
        skip();
      }
    }
  }

  void keep(std::string_view literal) {
    if (!json_.failed() && mcp::is_json_string(literal)) found_.push_back(literal);
  }

  mcp::JsonScanner json_;
  std::vector<std::string_view> found_;
};

}  // namespace

std::optional<std::string> rewrite_addresses(std::string_view result, const AddressMap& to_client) {
  // Most results name no address; an escape may hide one.
  constexpr std::string_view signs[] = {"uri\"", "Uri\"", "\\u"};
  const auto has = [&](std::string_view sign) { return result.find(sign) != std::string_view::npos; };
  if (std::ranges::none_of(signs, has)) return {};
  const auto found = Addresses(result).find();
  if (found.empty()) return {};
  std::vector<std::pair<std::string_view, std::string>> changed;
  for (const std::string_view literal : found) {
    const std::string upstream = mcp::json_unquote(literal);
    if (std::string client = to_client(upstream); client != upstream) changed.emplace_back(literal, json_quote(client));
  }
  if (changed.empty()) return {};
  std::vector<mcp::Edit> edits;
  for (const auto& [span, text] : changed) edits.push_back({span, text});
  return mcp::splice(result, std::move(edits));
}

}  // namespace gw::catalogue
