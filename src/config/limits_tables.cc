#include "config/limits_tables.h"

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "schema/units.h"

namespace gw::config {
namespace {

using namespace std::chrono_literals;
using schema::choice;
using schema::count;
using schema::duration;
using schema::list;
using schema::Node;
using schema::Object;
using schema::optional;
using schema::small_count;
using schema::text;
using schema::texts;

std::optional<limits::Rate> parse_rate(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return {};
  const auto number = parse_unsigned(trim(text.substr(0, slash)));
  const auto period = schema::parse_duration(trim(text.substr(slash + 1)));
  if (!number || *number == 0 || !period || *period <= 0ns) return {};
  return limits::Rate{*number, *period};
}

class RateType final : public schema::Type {
 public:
  void read(const Node& node, void* value, schema::Report& report) const override {
    if (node.kind != Node::Kind::string && node.kind != Node::Kind::number) {
      return report.add(node, fmt::format("expected a rate such as \"600/1m\", found {}", schema::describe(node.kind)));
    }
    const auto parsed = parse_rate(node.text);
    if (!parsed) {
      return report.add(node, fmt::format("'{}' is not a rate; write how many in which time, such as 600/1m, 10/1s or "
                                          "1000/24h",
                                          printable(node.text, 40)));
    }
    *static_cast<limits::Rate*>(value) = *parsed;
  }
  boost::json::value write(const void* value) const override {
    const auto& rate = *static_cast<const limits::Rate*>(value);
    return boost::json::string(fmt::format("{}/{}", rate.count, schema::format_duration(rate.period)));
  }
  boost::json::object json_schema() const override {
    return {{"type", "string"}, {"pattern", "^ *[0-9]+ */ *([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)? *$"}};
  }
  std::string name() const override { return "rate"; }
};

Object<limits::Match> match_object() {
  using M = limits::Match;
  Object<M> match;
  match.field("users", &M::users, texts(), "Globs on the user's id: `*` is any text, `?` one character.")
      .field("roles", &M::roles, texts(), "Roles, without regard to case.")
      .field("adapters", &M::adapters, texts(), "Globs on the adapter's name. The REST API is then not meant.")
      .field("tools", &M::tools, texts(),
             "Globs on the name that the server gave the tool. Only tool calls are then meant.");
  return match;
}

}  // namespace

schema::Of<limits::Rate> rate() {
  return {std::make_shared<RateType>()};
}

Object<limits::Rule> limit_object() {
  using R = limits::Rule;
  using limits::Per;
  Object<R> rule;
  rule.field("name", &R::name, text(), "Names the limit in answers and logs. Unique.", {.required = true})
      .field("per", &R::per,
             list(choice<Per>({{"principal", Per::principal}, {"adapter", Per::adapter}, {"tool", Per::tool}})),
             "What is counted separately. Empty: everything that the limit applies to is counted together.")
      .field("when", &R::match, match_object().type(),
             "To what it applies: every list that is given must have an element that fits.")
      .field("rate", &R::rate, optional(rate()),
             "How many requests in which time, such as `600/1m`. More are answered with 429.")
      .field("burst", &R::burst, count(0, 1'000'000), "How many may come at once; 0: as many as the rate counts.")
      .field("concurrency", &R::concurrency, small_count(0, 100'000),
             "How many requests are served at once; 0: any number. Event streams do not count.")
      .field("queue", &R::queue, small_count(0, 10'000),
             "How many may wait for their turn, for each thing that is counted separately; principals take turns.")
      .field("queueTimeout", &R::queue_timeout, duration(1ms, 10min), "How long they wait at most.");
  return rule;
}

}  // namespace gw::config
