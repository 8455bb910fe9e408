#include "app/private_mode.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/random.h"

namespace gw::app {
namespace {

constexpr Duration drain_timeout = std::chrono::seconds(1);  // Who started it has got its answers.

}  // namespace

PrivateMode::PrivateMode(std::filesystem::path folder, SecretString key)
    : folder_(std::move(folder)), key_(std::move(key)) {}

PrivateMode::PrivateMode(PrivateMode&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), key_(std::move(other.key_)) {}

PrivateMode::~PrivateMode() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Result<PrivateMode> PrivateMode::begin() {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  std::error_code error;
  std::string name = std::filesystem::temp_directory_path(error) / "mcp-gateway-XXXXXX";
  if (error) return fail(Errc::unavailable, "there is no folder for temporary files: {}", error.message());
  if (::mkdtemp(name.data()) == nullptr) return fail(Errc::forbidden, "cannot make {}: {}", name, std::strerror(errno));
  return PrivateMode(name, SecretString("mcpg_" + random_hex(32)));
}

config::Options PrivateMode::restrict(const config::Options& file) const {
  config::Options options = file;
  const config::Options defaults;
  options.public_origin.clear();
  options.allow_public = false;
  options.state_directory = folder_;
  options.workers = 1;
  options.store = {.kind = config::StoreKind::memory, .path = {}};
  options.log = defaults.log;
  options.http.allowed_hosts.clear();
  options.http.allowed_origins.clear();
  options.http.trusted_proxies.clear();
  options.http.drain_timeout = drain_timeout;
  options.auth = {};
  options.auth.keys.push_back(
      {.name = "command-line", .key = std::string(key_.reveal()), .roles = {options.auth.admin_role}});
  options.policy = {};
  options.limits = {};
  options.audit = {};
  options.router = {};  // Servers are asked from here.
  options.federation.meta_tools = false;  // Lists are for its parent, who can use long ones.
  options.federation.tool_threshold = 0;
  options.federation.context_budget = 0;
  return options;
}

}  // namespace gw::app
