#include "policy/match.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/glob.h"
#include "base/strings.h"

namespace gw::policy {
namespace {

using Texts = std::vector<std::string>;

// One condition of a rule: its truth and, when asked, a clause that says why.
class Condition {
 public:
  explicit Condition(std::string* clause) : clause_(clause) {}

  template <class... Args>
  Truth is(Truth truth, fmt::format_string<Args...> format, Args&&... args) const {
    if (clause_) *clause_ = fmt::format(format, std::forward<Args>(args)...);
    return truth;
  }
  bool explains() const { return clause_ != nullptr; }

 private:
  std::string* clause_;
};

std::string in_quotes(std::string_view text) {
  return "'" + printable(text, 80) + "'";
}

std::string in_quotes(const Texts& texts) {
  constexpr std::size_t shown = 5;
  std::string all;
  for (std::size_t i = 0; i < std::min(shown, texts.size()); ++i) all += (i == 0 ? "" : ", ") + in_quotes(texts[i]);
  if (texts.size() > shown) all += fmt::format(" and {} more", texts.size() - shown);
  return all;
}

const std::string* fitting(const Texts& globs, std::string_view text) {
  const auto glob = std::ranges::find_if(globs, [&](const auto& pattern) { return glob_match(pattern, text); });
  return glob == globs.end() ? nullptr : &*glob;
}

Truth fits(const Texts& globs, std::string_view what, std::string_view text, Condition condition) {
  const std::string* glob = fitting(globs, text);
  if (!condition.explains()) return glob ? Truth::yes : Truth::no;
  if (!glob) {
    const auto verb = globs.size() == 1 ? "does not fit" : "fits none of";
    return condition.is(Truth::no, "{} {} {} {}", what, in_quotes(text), verb, in_quotes(globs));
  }
  if (*glob == text) return condition.is(Truth::yes, "{} is {}", what, in_quotes(text));
  return condition.is(Truth::yes, "{} {} fits {}", what, in_quotes(text), in_quotes(*glob));
}

// Whether the caller has one of the roles, groups or scopes.
template <class Has>
Truth has_one(const Texts& wanted, std::string_view what, Has has, Condition condition) {
  const auto mine = std::ranges::find_if(wanted, has);
  if (!condition.explains()) return mine == wanted.end() ? Truth::no : Truth::yes;
  if (mine != wanted.end()) return condition.is(Truth::yes, "the caller has {} {}", what, in_quotes(*mine));
  if (wanted.size() == 1) return condition.is(Truth::no, "{} {} is not among the caller's", what, in_quotes(wanted[0]));
  return condition.is(Truth::no, "none of the {}s {} is among the caller's", what, in_quotes(wanted));
}

std::string_view name_of(ItemKind kind) {
  switch (kind) {
    case ItemKind::tool: return "tool";
    case ItemKind::prompt: return "prompt";
    case ItemKind::resource: return "resource";
    case ItemKind::none: break;
  }
  return "item";
}

// What can be said of a condition on items of one kind before the item is looked at.
std::optional<Truth> about(ItemKind kind, const Question& q, Condition condition) {
  if (q.kind == ItemKind::none) return condition.is(Truth::open, "no {} is named", name_of(kind));
  if (q.kind == kind) return {};
  return condition.is(Truth::no, "{} {} is no {}", name_of(q.kind), in_quotes(q.item), name_of(kind));
}

Truth fits_item(const Texts& globs, ItemKind kind, const Question& q, Condition condition) {
  if (globs.empty()) return Truth::yes;
  if (const auto truth = about(kind, q, condition)) return *truth;
  return fits(globs, name_of(kind), q.item, condition);
}

Truth adapter(const CompiledRule& r, const Question& q, Condition condition) {
  if (r.rule.match.adapters.empty()) return Truth::yes;
  if (q.adapter.empty()) return condition.is(Truth::open, "no adapter is named");
  return fits(r.rule.match.adapters, "adapter", q.adapter, condition);
}

Truth tool(const CompiledRule& r, const Question& q, Condition condition) {
  return fits_item(r.rule.match.tools, ItemKind::tool, q, condition);
}
Truth prompt(const CompiledRule& r, const Question& q, Condition condition) {
  return fits_item(r.rule.match.prompts, ItemKind::prompt, q, condition);
}
Truth resource(const CompiledRule& r, const Question& q, Condition condition) {
  return fits_item(r.rule.match.resources, ItemKind::resource, q, condition);
}

Truth user(const CompiledRule& r, const Question& q, Condition condition) {
  if (r.rule.match.users.empty()) return Truth::yes;
  return fits(r.rule.match.users, "user", q.who->user, condition);
}

Truth api_key(const CompiledRule& r, const Question& q, Condition condition) {
  const Texts& globs = r.rule.match.api_keys;
  if (globs.empty()) return Truth::yes;
  if (q.who->api_key.empty()) return condition.is(Truth::no, "the caller has no API key");
  // Not the name: whoever makes a key chooses that.
  return fits(globs, "API key", q.who->api_key, condition);
}

Truth role(const CompiledRule& r, const Question& q, Condition condition) {
  if (r.rule.match.roles.empty()) return Truth::yes;
  return has_one(r.rule.match.roles, "role", [&](const auto& role) { return q.who->has_role(role); }, condition);
}

Truth group(const CompiledRule& r, const Question& q, Condition condition) {
  if (r.rule.match.groups.empty()) return Truth::yes;
  const auto has = [&](const auto& group) { return std::ranges::find(q.who->groups, group) != q.who->groups.end(); };
  return has_one(r.rule.match.groups, "group", has, condition);
}

Truth scope(const CompiledRule& r, const Question& q, Condition condition) {
  if (r.rule.match.scopes.empty()) return Truth::yes;
  return has_one(r.rule.match.scopes, "scope", [&](const auto& scope) { return q.who->has_scope(scope); }, condition);
}

Truth network(const CompiledRule& r, const Question& q, Condition condition) {
  if (r.networks.empty()) return Truth::yes;
  if (q.network.empty()) return condition.is(Truth::open, "the client's address is not known");
  const bool inside = std::ranges::any_of(r.networks, [&](const auto& block) { return block.contains(q.network); });
  if (!condition.explains()) return inside ? Truth::yes : Truth::no;
  return condition.is(inside ? Truth::yes : Truth::no, "address {} is {} {}", printable(q.network, 80),
                      inside ? "in" : "outside", in_quotes(r.rule.match.networks));
}

Truth time(const CompiledRule& r, const Question& q, Condition condition) {
  if (r.times.empty()) return Truth::yes;
  const bool inside = std::ranges::any_of(r.times, [&](const Window& window) { return window.contains(q.now); });
  if (!condition.explains()) return inside ? Truth::yes : Truth::no;
  return condition.is(inside ? Truth::yes : Truth::no, "{} is {} its times", format_weekly(q.now),
                      inside ? "within" : "outside");
}

Truth annotations(const CompiledRule& r, const Question& q, Condition condition) {
  const auto& wanted = r.rule.match.annotations;
  if (wanted.empty()) return Truth::yes;
  if (const auto truth = about(ItemKind::tool, q, condition)) return *truth;
  if (!q.hints) return condition.is(Truth::open, "the hints of the tool are not known");
  for (const auto& [name, want] : wanted) {
    const auto* hint = std::ranges::find(hint_names, name, &HintName::name);
    const bool is = *q.hints.*hint->member;
    if (is != want) return condition.is(Truth::no, "{} is {}", name, is);
  }
  return condition.is(Truth::yes, "the hints of the tool agree");
}

Truth argument(const ArgumentTest& test, const CompiledRule& r, const Question& q, Condition condition) {
  switch (test.test(*q.arguments)) {
    case ArgumentTest::Outcome::fails:
      return condition.is(Truth::no, "argument {} does not fit", printable(test.pointer(), 80));
    case ArgumentTest::Outcome::holds:
      return condition.is(Truth::yes, "argument {} fits", printable(test.pointer(), 80));
    case ArgumentTest::Outcome::unreadable: break;
  }
  // Against the caller.
  return condition.is(r.rule.effect == Effect::allow ? Truth::no : Truth::yes,
                      "argument {} cannot be read without doubt", printable(test.pointer(), 80));
}

Truth arguments(const CompiledRule& r, const Question& q, Condition condition) {
  if (r.arguments.empty()) return Truth::yes;
  if (const auto truth = about(ItemKind::tool, q, condition)) return *truth;
  if (!q.arguments) return condition.is(Truth::open, "the arguments are not known");
  std::string clause;
  std::string holding;
  for (const ArgumentTest& test : r.arguments) {
    const Condition one(condition.explains() ? &clause : nullptr);
    if (argument(test, r, q, one) == Truth::no) return condition.is(Truth::no, "{}", clause);
    holding += (holding.empty() ? "" : ", ") + clause;
  }
  return condition.is(Truth::yes, "{}", holding);
}

// Those that cost most come last.
using Test = Truth (*)(const CompiledRule&, const Question&, Condition);
constexpr Test tests[] = {adapter, tool,  prompt,  resource, user,        api_key,  role,
                          group,   scope, network, time,     annotations, arguments};

Truth explain_match(const CompiledRule& rule, const Question& question, std::string& because) {
  std::string open, holding;
  for (const Test test : tests) {
    std::string clause;
    const Truth truth = test(rule, question, Condition(&clause));
    if (truth == Truth::no) {
      because = std::move(clause);
      return Truth::no;
    }
    std::string& list = truth == Truth::open ? open : holding;
    if (!clause.empty() && list.find(clause) == std::string::npos) list += (list.empty() ? "" : ", ") + clause;
  }
  if (!open.empty()) {
    because = std::move(open);
    return Truth::open;
  }
  because = holding.empty() ? "it has no conditions" : std::move(holding);
  return Truth::yes;
}

}  // namespace

CompiledRule::CompiledRule(const Rule& written)
    : rule(written),
      times(written.match.times.begin(), written.match.times.end()),
      arguments(written.match.arguments.begin(), written.match.arguments.end()) {
  for (const std::string& network : rule.match.networks) networks.push_back(net::AddressBlock::parse(network).value());
}

bool CompiledRule::looks_at_items() const {
  const Match& when = rule.match;
  return !when.tools.empty() || !when.prompts.empty() || !when.resources.empty() || !when.annotations.empty() ||
         !when.arguments.empty();
}

Truth fits_adapter(const CompiledRule& rule, std::string_view name) {
  const Question question{.adapter = name};
  return adapter(rule, question, Condition(nullptr));
}

Truth match(const CompiledRule& rule, const Question& question, std::string* because) {
  if (because) return explain_match(rule, question, *because);
  Truth all = Truth::yes;
  for (const Test test : tests) {
    const Truth truth = test(rule, question, Condition(nullptr));
    if (truth == Truth::no) return Truth::no;
    all = std::min(all, truth);
  }
  return all;
}

}  // namespace gw::policy
