// `mcp-gateway why`: who may do what by the configuration, and why. The question stands apart from how it is answered.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "identity/principal.h"
#include "policy/policy.h"
#include "runtime/time.h"

namespace gw::cli {

// As policy::Question, but owning its texts.
struct WhyQuestion {
  identity::Principal who;
  std::string adapter;  // Empty: any.
  policy::ItemKind kind = policy::ItemKind::none;
  std::string item;
  std::optional<policy::Hints> hints;
  std::optional<std::string> arguments;  // An object as JSON.
  std::string network;                   // Numeric; empty: not known.
  std::optional<WallTime> at;            // Nothing: now.

  // Borrows from the question.
  policy::Question asked(WallTime now) const;
};

// Each takes the text of an option, or says what is wrong with it.
Result<> set_item(WhyQuestion& question, policy::ItemKind kind, std::string_view name);  // Once.
Result<> set_hint(WhyQuestion& question, std::string_view text);                         // "readOnlyHint=true"
Result<> set_time(WhyQuestion& question, std::string_view text);       // RFC 3339; seconds may be left out.
Result<> set_arguments(WhyQuestion& question, std::string_view text);  // A JSON object.
Result<> set_network(WhyQuestion& question, std::string_view text);    // A numeric address.
// Who uses a key is known by its id, unless the question names a user.
void set_api_key(WhyQuestion& question, std::string_view id);

// Answers by the configuration file: the role rules of the server, where the file has it, then the policy.
// 0 allowed, 1 not allowed, 2 the file cannot be used.
int why(const WhyQuestion& question, const std::optional<std::filesystem::path>& file, Output output,
        const Console& console);

}  // namespace gw::cli
