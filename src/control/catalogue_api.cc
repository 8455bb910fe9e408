#include "control/catalogue_api.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "http/target.h"
#include "json/json.h"

namespace gw::control {
namespace {

namespace js = boost::json;
using catalogue::Hidden;
using catalogue::Item;
using http::Method;

// What a request asks for.
struct Question {
  std::optional<catalogue::Kind> kind;
  std::optional<std::string> server;
  std::vector<std::string> words;  // Of `q`, in lower case.
  std::string after;
  std::size_t limit = CatalogueApi::max_page;

  bool asks_for(catalogue::Kind its_kind, const std::string& its_server) const {
    return (!kind || *kind == its_kind) && (!server || *server == its_server);
  }
  // Every word occurs in one of the texts.
  bool is_about(std::initializer_list<std::string_view> texts) const {
    if (words.empty()) return true;
    std::string all;
    for (const std::string_view text : texts) all.append(to_lower(text)).append("\n");
    return std::ranges::all_of(words, [&](const std::string& word) { return all.contains(word); });
  }
};

std::expected<Question, Answer> read_question(const Call& call) {
  Question question;
  if (const auto kind = call.query("kind")) {
    question.kind = catalogue::kind_named(*kind);
    if (!question.kind) {
      return std::unexpected(bad_parameter("kind", "must be tool, prompt, resource or resourceTemplate"));
    }
  }
  question.server = call.query("server");
  for (const std::string_view word : split_list(to_lower(call.query("q").value_or("")), ' ')) {
    if (!word.empty()) question.words.emplace_back(word);
  }
  question.after = call.query("after").value_or("");
  if (const auto text = call.query("limit")) {
    const auto limit = parse_unsigned(*text);
    if (!limit || *limit < 1 || *limit > CatalogueApi::max_page) {
      return std::unexpected(
          bad_parameter("limit", fmt::format("must be a number from 1 to {}", CatalogueApi::max_page)));
    }
    question.limit = *limit;
  }
  return question;
}

// A page of a list of JSON texts, which are made only for those that are on it.
class Page {
 public:
  Page(std::string path, const Call& call, const Question& question)
      : path_(std::move(path)), call_(call), question_(question) {}

  // False: the page is full.
  bool add(const std::string& key, const std::string& text) {
    if (count_ == question_.limit || body_.size() > CatalogueApi::max_page_bytes) {
      more_ = true;
      return false;
    }
    ++count_;
    last_ = key;
    body_.append(body_.size() > 1 ? "," : "").append(text);
    return true;
  }

  Answer answer() && {
    Answer answer{.status = 200, .type = "application/json", .body = std::move(body_) + "]"};
    if (!more_) return answer;
    std::string link = fmt::format("<{}?limit={}&after={}", path_, question_.limit, http::percent_encode(last_));
    for (const char* name : {"kind", "server", "q"}) {
      if (const auto value = call_.query(name)) link += fmt::format("&{}={}", name, http::percent_encode(*value));
    }
    return std::move(answer).with("Link", link + ">; rel=\"next\"");
  }

 private:
  const std::string path_;
  const Call& call_;
  const Question& question_;
  std::string body_ = "[";
  std::string last_;
  std::size_t count_ = 0;
  bool more_ = false;
};

// Asks once for each adapter.
class Readable {
 public:
  Readable(const Registry& registry, const identity::Principal& who, std::string_view admin_role)
      : registry_(registry), who_(who), admin_role_(admin_role) {}

  bool operator()(const std::string& name) {
    const auto [known, is_new] = known_.try_emplace(name, false);
    if (!is_new) return known->second;
    const model::Adapter* const adapter = registry_.find(name);
    return known->second = adapter != nullptr && identity::may_read(who_, ownership_of(*adapter), admin_role_);
  }

 private:
  const Registry& registry_;
  const identity::Principal& who_;
  const std::string_view admin_role_;
  std::map<std::string, bool> known_;
};

std::string item_text(const Item& item) {
  js::array tags(item.tags.begin(), item.tags.end());
  return json::to_text(js::object{{"kind", catalogue::to_string(item.kind)},
                                  {"name", item.name},
                                  {"server", item.adapter},
                                  {"upstreamName", item.upstream_name},
                                  {"title", item.definition->title},
                                  {"description", item.description},
                                  {"hash", item.definition->hash},
                                  {"estimatedTokens", item.estimated_tokens},
                                  {"tags", std::move(tags)}});
}

// A conflict names another server, which the caller may not know.
std::string_view detail_for(const Hidden& hidden, Readable& readable) {
  if (hidden.other.empty() || readable(hidden.other)) return hidden.detail;
  return "another server has this name";
}

// Definitions are put in as the bytes that the server sent.
std::string hidden_text(const Hidden& hidden, std::string_view detail, const PinBook& pins) {
  js::object members{{"kind", catalogue::to_string(hidden.kind)},
                     {"server", hidden.adapter},
                     {"upstreamName", hidden.upstream_name},
                     {"why", to_string(hidden.why)},
                     {"detail", detail}};
  if (hidden.why != Hidden::Why::quarantined) return json::to_text(members);
  const PinBook::ItemId id(hidden.kind, hidden.upstream_name);
  const store::Approval* const approved = pins.approval(hidden.adapter, id);
  const catalogue::Definition* const present = pins.definition(hidden.adapter, id);
  members["hash"] = hidden.hash;
  members["approvedHash"] = approved != nullptr ? js::value(approved->hash) : js::value();
  std::string text = json::to_text(members);
  text.pop_back();
  text.append(R"(,"approved":)").append(approved != nullptr ? approved->definition : "null");
  text.append(R"(,"present":)").append(present != nullptr ? present->json : "null");
  return text + "}";
}

std::string key_of(const Hidden& hidden) {
  return fmt::format("{}:{}:{}:{}", hidden.adapter, catalogue::to_string(hidden.kind), to_string(hidden.why),
                     hidden.upstream_name);
}

}  // namespace

std::vector<ApiRoute> CatalogueApi::routes() {
  constexpr control::Operation operation{Kind::catalogue, Verb::list};
  return {
      {Method::get, "/catalogue", operation, Takes::nothing, [this](Call& call) { return list(call); }},
      {Method::get, "/catalogue/hidden", operation, Takes::nothing, [this](Call& call) { return hidden(call); }},
  };
}

Task<Answer> CatalogueApi::list(Call& call) {
  const auto question = read_question(call);
  if (!question) co_return question.error();
  const catalogue::SnapshotPtr snapshot = snapshot_ ? snapshot_() : nullptr;
  Readable readable(registry_, *call.caller, access_.admin_role);
  Page page("/catalogue", call, *question);
  const auto add = [&](catalogue::Kind kind) {
    for (const Item& item : snapshot->items(kind)) {
      const std::string key = fmt::format("{}:{}", catalogue::to_string(kind), item.name);
      if (key <= question->after || !question->asks_for(kind, item.adapter) || !readable(item.adapter)) continue;
      if (!question->is_about({item.name, item.upstream_name, item.definition->title, item.description})) continue;
      if (!page.add(key, item_text(item))) return false;
    }
    return true;
  };
  using enum catalogue::Kind;
  for (const catalogue::Kind kind : {prompt, resource, resource_template, tool}) {  // In the order of their keys.
    if (snapshot == nullptr || !add(kind)) break;
  }
  co_return std::move(page).answer();
}

Task<Answer> CatalogueApi::hidden(Call& call) {
  const auto question = read_question(call);
  if (!question) co_return question.error();
  const catalogue::SnapshotPtr snapshot = snapshot_ ? snapshot_() : nullptr;
  static const std::vector<Hidden> none;
  const std::vector<Hidden>& all = snapshot != nullptr ? snapshot->hidden() : none;
  Readable readable(registry_, *call.caller, access_.admin_role);
  std::map<std::string, const Hidden*> found;  // What a server lists several times is here once.
  for (const Hidden& hidden : all) {
    if (!question->asks_for(hidden.kind, hidden.adapter) || !readable(hidden.adapter)) continue;
    if (!question->is_about({hidden.upstream_name, detail_for(hidden, readable)})) continue;
    found.try_emplace(key_of(hidden), &hidden);
  }
  Page page("/catalogue/hidden", call, *question);
  for (auto it = found.upper_bound(question->after); it != found.end(); ++it) {
    if (!page.add(it->first, hidden_text(*it->second, detail_for(*it->second, readable), pins_))) break;
  }
  co_return std::move(page).answer();
}

}  // namespace gw::control
