// Whether one rule applies to a question. Inside the module: decisions and explanations both come from here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "policy/arguments.h"
#include "policy/policy.h"
#include "policy/time_window.h"

namespace gw::policy {

// A rule that check() accepted, ready to be matched.
struct CompiledRule {
  explicit CompiledRule(const Rule& written);

  // Whether it looks at single tools, prompts or resources.
  bool looks_at_items() const;
  bool looks_at_hints() const { return !rule.match.annotations.empty(); }

  Rule rule;
  std::vector<net::AddressBlock> networks;
  std::vector<Window> times;
  std::vector<ArgumentTest> arguments;
};

enum class Truth { no, open, yes };

Truth fits_adapter(const CompiledRule& rule, std::string_view adapter);

// `because`, when it is not null, becomes a sentence without its full stop: what does not hold, else what is open, else
// what holds. It shows nothing of the arguments. Without it nothing is allocated unless arguments are looked at.
Truth match(const CompiledRule& rule, const Question& question, std::string* because = nullptr);

}  // namespace gw::policy
