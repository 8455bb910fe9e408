// Decides by rules. A deny rule that applies wins over everything; else an allow rule that applies allows; else the
// default counts. What is allowed by that needs the scopes of every require rule that applies: nobody is asked for
// scopes that would not help. The order of rules means nothing; where several could be named, the first is.
//
// A question may leave facts open: an adapter before the tool is known, a list entry before there are arguments. Then
// the answer is whether it is possible: a deny rule applies only when it does whatever the open facts turn out to be,
// an allow rule when it may, a require rule as a deny rule. Who decides about a call itself leaves nothing open that a
// rule looks at. Arguments that two readers may understand in two ways (policy::Lookup::unreadable) are not open:
// conditions on them hold for deny and require rules, and do not for allow rules.
#pragma once

#include <array>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/principal.h"
#include "policy/rules.h"
#include "runtime/time.h"
#include "schema/report.h"

namespace gw::policy {

enum class ItemKind { none, tool, prompt, resource };

// What a server says about a tool, with the protocol's defaults for what it does not say.
struct Hints {
  bool read_only = false;
  bool destructive = true;
  bool idempotent = false;
  bool open_world = true;

  bool operator==(const Hints&) const = default;
};

// By the names that the protocol and the rules give them.
struct HintName {
  std::string_view name;
  bool Hints::* member;
};
inline constexpr std::array<HintName, 4> hint_names{{{"readOnlyHint", &Hints::read_only},
                                                     {"destructiveHint", &Hints::destructive},
                                                     {"idempotentHint", &Hints::idempotent},
                                                     {"openWorldHint", &Hints::open_world}}};

// All views are borrowed for the call.
struct Question {
  const identity::Principal* who = nullptr;  // Never null.
  std::string_view adapter;                  // Open when empty.
  ItemKind kind = ItemKind::none;            // none: about the adapter as a whole.
  std::string_view item;                     // Name of the tool or prompt, URI of the resource.
  std::optional<Hints> hints;                // Open when nothing is known about the tool.
  // Raw JSON of `arguments`; open when not given, an empty object when given and empty.
  std::optional<std::string_view> arguments;
  std::string_view network;  // Numeric address of the client; open when empty.
  WallTime now{};
};

enum class Answer { allow, deny, need_scopes };

struct Decision {
  Answer answer = Answer::allow;
  std::string_view rule;            // The rule that decided; empty for the default. Borrows from the policy.
  std::vector<std::string> scopes;  // Of need_scopes: all that the operation needs, also those that the caller has.

  bool allowed() const { return answer == Answer::allow; }
};

// One rule, as `why` shows it.
struct Step {
  std::string rule;
  Effect effect = Effect::deny;
  enum class Outcome { applies, may_apply, does_not_apply } outcome = Outcome::does_not_apply;
  std::string because;  // "role 'intern' is not among the caller's", "the arguments are not known"
};

struct Explanation {
  Decision decision;
  std::vector<Step> steps;  // In the order of the file.
};

// Immutable and thread-safe.
class Policy {
 public:
  Policy();  // Allows everything.
  ~Policy();
  Policy(const Policy&);
  Policy& operator=(const Policy&);

  // Everything that is wrong with the rules, with fields such as "rules[2].when.arguments[0].pointer".
  static std::expected<Policy, std::vector<schema::Problem>> compile(const Rules& rules);

  // Allocates nothing unless scopes are missing or arguments are looked at. Linear in the rules that concern the
  // adapter.
  Decision decide(const Question& question) const;
  Explanation explain(const Question& question) const;

  bool empty() const;  // There are no rules and the default allows.
  // Whether some rule that may concern this adapter looks at single tools, prompts or resources; at hints of tools; at
  // arguments. The data plane reads bodies only when it must.
  bool looks_at_items(std::string_view adapter) const;
  bool looks_at_hints(std::string_view adapter) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace gw::policy
