#include "stdio/modern_server.h"

#include <utility>

#include "base/log.h"
#include "runtime/event.h"
#include "stdio/era_probe.h"

namespace gw::stdio {
namespace {

constexpr Duration uncertain_verdict_lasts = std::chrono::minutes(1);

}  // namespace

// Hears the answer of a probed process and ends it.
struct ModernServer::Listener final : ChildEvents {
  ChildRunner& runner;
  std::optional<mcp::Era> era;
  explicit Listener(ChildRunner& r) : runner(r) {}

  void from_child(const mcp::Message& message) override {
    if (!era) era = era_of_answer(message);
    if (era) runner.stop();
  }
  void child_gone(std::string_view) override {}
};

// Between the process for modern requests and its multiplexer.
struct ModernServer::Ending final : ChildEvents {
  ModernServer& server;
  ModernChild& child;
  Ending(ModernServer& s, ModernChild& c) : server(s), child(c) {}

  void from_child(const mcp::Message& message) override { child.mux.from_child(message); }
  void child_gone(std::string_view why) override {
    if (child.runner.heard()) {
      server.backoff_.succeeded();
    } else if (!child.runner.stopping()) {
      server.backoff_.failed(steady_now(), why);
      log::warn("stdio.start_failed", {{"instance", server.options_.name}, {"problem", why}});
    }
    if (server.child_.get() == &child) server.child_.reset();
    child.mux.child_gone(server.options_.ended(why));
  }
};

ModernServer::ModernServer(Loop& loop, ChildStarter& starter, BridgeOptions options)
    : starter_(starter), options_(options), backoff_(options.backoff), sweeper_(loop, [this] { sweep(); }) {
  quiet_.set();
  tasks_.on_idle([this] { quiet_.set(); });
  if (options_.idle_timeout > Duration::zero()) sweeper_.arm(steady_now() + options_.idle_timeout / 2);
}

ModernServer::~ModernServer() = default;

void ModernServer::spawn(const char* name, Task<> task) {
  quiet_.reset();
  tasks_.spawn(name, std::move(task));
}

Task<mcp::Era> ModernServer::era() {
  while (!era_ || steady_now() >= era_expires_) {
    if (!probe_) {
      probed_.reset();
      spawn("stdio.probe", probe());
    }
    co_await probed_;
  }
  co_return *era_;
}

Task<> ModernServer::probe() {
  ChildRunner runner(starter_, options_.max_message);
  probe_ = &runner;
  co_await yield();  // Whoever asks waits before the answer can come.
  Listener listener(runner);
  Timer patience(*Loop::current(), [&] { runner.stop(); });
  patience.arm(steady_now() + options_.probe_timeout);
  runner.send(era_probe_request());
  co_await runner.run(listener);
  era_ = listener.era.value_or(mcp::Era::legacy);
  era_expires_ = listener.era ? never : steady_now() + uncertain_verdict_lasts;
  log::info("stdio.era",
            {{"instance", options_.name}, {"era", to_string(*era_)}, {"answered", listener.era ? "yes" : "no"}});
  probe_ = nullptr;
  probed_.set();
}

Result<std::shared_ptr<ModernChild>> ModernServer::child() {
  if (stopped_) return fail(Errc::unavailable, "The server is being stopped.");
  last_used_ = steady_now();
  if (child_ && !child_->runner.stopping()) return child_;
  GW_TRY_OK(backoff_.check(steady_now()));
  child_ = std::make_shared<ModernChild>(starter_, options_);
  spawn("stdio.child", serve(child_));
  return child_;
}

Task<> ModernServer::serve(std::shared_ptr<ModernChild> child) {
  co_await yield();  // Whoever asked for the child posts its request first.
  Ending ending(*this, *child);
  co_await child->runner.run(ending);
}

void ModernServer::stop() {
  stopped_ = true;
  if (child_) child_->runner.stop();
  if (probe_) probe_->stop();
}

void ModernServer::sweep() {
  const SteadyTime now = steady_now();
  if (child_ && child_->mux.calls() > 0) last_used_ = now;
  if (child_ && last_used_ + options_.idle_timeout <= now) child_->runner.stop();
  sweeper_.arm(now + options_.idle_timeout / 2);
}

}  // namespace gw::stdio
