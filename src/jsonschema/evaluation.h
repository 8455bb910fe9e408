// One check of one instance.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "jsonschema/node.h"

namespace gw::jsonschema {

class Evaluation {
 public:
  Evaluation(const Compiled& schema, std::size_t most);

  // All problems of the instance.
  std::vector<Problem> run(const Value& instance);

  // For keywords. Whether `value`, which is the one at the present place, satisfies the schema.
  bool apply(const Node& node, const Value& value, Evaluated* seen);
  // The same by a reference.
  bool refer(const Node& node, const Value& value, Evaluated* seen);
  // The same for an item or member of it.
  bool apply_to_item(const Node& node, const Value& array, std::size_t index);
  bool apply_to_member(const Node& node, const Value& object, std::size_t index);
  // The same without reporting; what was evaluated is marked only if it does. `why`, where it is not null, gets the
  // first problem if it does not.
  bool matches(const Node& node, const Value& value, Evaluated* seen, Problem* why = nullptr);
  bool item_matches(const Node& node, const Value& array, std::size_t index);
  bool name_matches(const Node& node, const Value& name, Problem* why);

  // The schema that a $dynamicRef means here, where its anchor leads to `fallback` at first.
  const Node& dynamic_target(const std::string& anchor, const Node& fallback) const;

  // Says false, so that keywords can return it.
  bool report(std::string message);
  bool report(const Problem& problem);  // With a path of its own.
  bool report_at_member(std::string_view name, std::string message);
  bool spend(std::uint64_t steps) { return budget_.spend(steps); }
  Budget& budget() { return budget_; }
  // Nothing that is found from here on matters.
  bool enough() const { return problems_.size() >= most_ || budget_.exhausted(); }

 private:
  using Step = std::variant<std::string_view, std::size_t>;
  bool apply_at(Step step, const Node& node, const Value& value);
  bool check_keywords(const Node& node, const Value& value, Evaluated* seen);
  std::string path() const;

  const Compiled& schema_;
  Budget budget_;
  std::size_t most_;
  std::size_t depth_left_;
  std::size_t references_ = 0;  // That were followed since the last step into the value.
  bool too_deep_ = false;
  bool endless_ = false;  // Then too_deep_, too.
  std::vector<Problem> problems_;
  std::vector<Step> path_;
  std::vector<std::uint32_t> scope_;  // Resources that were entered, the outermost first.
};

}  // namespace gw::jsonschema
