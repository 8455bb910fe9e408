#include "control/reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"

namespace gw::control {
namespace {

// More problems than that say nothing more, and logs and answers stay of bounded size.
constexpr std::size_t most_problems_shown = 20;

std::vector<std::string> shown(std::vector<std::string> problems) {
  if (problems.size() <= most_problems_shown) return problems;
  const std::size_t more = problems.size() - most_problems_shown;
  problems.resize(most_problems_shown);
  problems.push_back(fmt::format("… and {} more", more));
  return problems;
}

// Whether the file may have changed after `moment`; file systems keep coarse times.
bool changed_since(const std::filesystem::path& file, WallTime moment) {
  std::error_code unknown;
  const auto changed = std::filesystem::last_write_time(file, unknown);
  return !unknown && std::chrono::file_clock::to_sys(changed) > moment - std::chrono::seconds(1);
}

}  // namespace

Reload::Reload(Loop& loop, BlockingPool& blocking, std::filesystem::path file, config::Options started_with,
               Hooks hooks, Counters& counters)
    : loop_(loop),
      blocking_(blocking),
      started_with_(std::move(started_with)),
      hooks_(std::move(hooks)),
      counters_(counters),
      state_{.file = std::move(file), .applied_at = wall_now()},
      reading_(std::make_unique<TaskGroup>()) {}

Reload::~Reload() = default;

void Reload::watch(Duration quiet) {
  if (state_.file.empty()) return;
  auto watch = config::FileWatch::start(loop_, state_.file, [this] { reload(); }, quiet);
  if (watch) {
    watch_ = *std::move(watch);
    if (changed_since(state_.file, state_.applied_at)) reload();  // Perhaps after it was read and before this.
  } else {
    log::warn("config.not_watched", {{"file", state_.file.string()}, {"error", watch.error().message()}});
  }
}

void Reload::reload() {
  if (state_.file.empty() || !reading_) return;
  again_ = true;
  if (reading_->size() == 0) reading_->spawn("config.reload", read_until_current());
}

void Reload::stop() {
  watch_.reset();
  reading_.reset();
}

Task<> Reload::read_until_current() {
  while (std::exchange(again_, false)) {
    take(co_await blocking_.run([file = state_.file] { return config::load_file(file); }));
  }
}

void Reload::take(config::LoadResult loaded) {
  if (loaded) return apply(*std::move(loaded));
  std::vector<std::string> problems;
  for (const config::Problem& problem : loaded.error()) problems.push_back(config::to_string(problem));
  reject(std::move(problems));
}

void Reload::apply(config::Loaded loaded) {
  if (const auto kept = record("allowed", {}); !kept) {
    return reject({"the audit trail cannot take the change: " + kept.error().message()});
  }
  std::function<void()> apply_options = [] {};
  if (hooks_.options) {
    auto ready = hooks_.options(loaded.options);
    if (!ready) return reject({fmt::format("{}: {}", state_.file.string(), ready.error().message())});
    apply_options = *std::move(ready);
  }
  const auto change = hooks_.servers(std::move(loaded.servers));
  if (!change) {
    std::vector<std::string> problems;
    for (const auto& [field, message, mark] : change.error()) {
      problems.push_back(fmt::format("{}: {}: {}", state_.file.string(), field, message));
    }
    return reject(std::move(problems));
  }
  apply_options();
  for (const config::Problem& warning : loaded.warnings) {
    log::warn("config.warning", {{"problem", config::to_string(warning)}});
  }
  state_.needs_restart = config::changed_needing_restart(started_with_, loaded.options);
  if (!state_.needs_restart.empty()) {
    log::warn("config.restart_needed", {{"options", fmt::format("{}", fmt::join(state_.needs_restart, ", "))}});
  }
  state_.applied_at = wall_now();
  state_.problems.clear();
  counters_.reloads_applied.add();
  (void)record("done", fmt::format("{} added, {} changed, {} removed", change->added.size(), change->changed.size(),
                                   change->removed.size()));
  log::info("config.applied", {{"file", state_.file.string()},
                               {"added", change->added.size()},
                               {"changed", change->changed.size()},
                               {"removed", change->removed.size()}});
}

void Reload::reject(std::vector<std::string> problems) {
  state_.problems = shown(std::move(problems));
  state_.rejected_at = wall_now();
  counters_.reloads_rejected.add();
  (void)record("failed", state_.problems.front());
  log::error("config.rejected", {{"file", state_.file.string()},
                                 {"problems", fmt::format("{}", fmt::join(state_.problems, "; "))},
                                 {"remedy", "correct the file; the earlier configuration stays in force"}});
}

// Nobody of the REST API asked for it.
Result<> Reload::record(std::string answer, std::string reason) const {
  if (!hooks_.audit) return {};
  return hooks_.audit({.kind = audit::Kind::change,
                       .user = {},
                       .method = {},
                       .client = {},
                       .action = "config.reload",
                       .adapter = {},
                       .item = state_.file.string(),
                       .answer = std::move(answer),
                       .reason = std::move(reason),
                       .request = {}});
}

}  // namespace gw::control
