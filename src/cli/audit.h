// `mcp-gateway audit`: looking into the audit trail.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"

namespace gw::cli {

struct AuditQuestion {
  std::vector<std::filesystem::path> files;
  std::string after;  // A hash that was noted down; empty: none.
};

// Takes the text of the option, or says what is wrong with it.
Result<> set_after(AuditQuestion& question, std::string_view text);

// 0 intact, 1 broken or not readable.
int verify_audit(const AuditQuestion& question, Output output, const Console& console);

}  // namespace gw::cli
