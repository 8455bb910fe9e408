#include "process/launcher.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <unordered_map>

#include "base/check.h"
#include "base/log.h"
#include "process/process_state.h"
#include "process/wire.h"

namespace gw::process {
namespace {

using StatePtr = std::shared_ptr<ProcessState>;

// The two sides of a child's standard streams. What is absent is /dev/null or goes elsewhere.
struct Streams {
  wire::Stdio theirs;
  UniqueFd input;   // We write.
  UniqueFd output;  // We read.
  UniqueFd error;   // We read.
};

Error system_error(std::string_view name, std::string_view what, int number) {
  return {Errc::unavailable, fmt::format("'{}' cannot be started: {}: {}", name, what, std::strerror(number))};
}

Error refusal(const SpawnRequest& request, wire::Stage stage, int number) {
  const auto invalid = [](std::string sentence) { return Error(Errc::invalid, std::move(sentence)); };
  switch (stage) {
    case wire::Stage::fork: return system_error(request.name, "the system allows no further process", number);
    case wire::Stage::limits: return system_error(request.name, "its resource limits cannot be set", number);
    case wire::Stage::request: return {Errc::internal, "the process launcher did not understand a request"};
    case wire::Stage::directory:
      return invalid(fmt::format("working directory '{}' cannot be used: {}; create it or correct 'cwd'", request.cwd,
                                 std::strerror(number)))
          .at("cwd");
    case wire::Stage::exec: break;
  }
  if (number != ENOENT) {
    return invalid(fmt::format("command '{}' cannot be executed: {}", request.command, std::strerror(number)))
        .at("command");
  }
  if (request.command.contains('/')) {
    return invalid(fmt::format("command '{}' does not exist, or its interpreter does not", request.command))
        .at("command");
  }
  return invalid(fmt::format("command '{}' was not found in PATH; install it or give its full path", request.command))
      .at("command");
}

Result<> make_pipe(const SpawnRequest& request, UniqueFd& reader, UniqueFd& writer) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error(request.name, "cannot make a pipe", errno));
  reader = UniqueFd(ends[0]);
  writer = UniqueFd(ends[1]);
  return {};
}

Result<Streams> make_streams(const SpawnRequest& request) {
  Streams streams;
  auto& [in, out, err] = streams.theirs;
  if (request.input == Input::pipe) {
    GW_TRY_OK(make_pipe(request, in, streams.input));
  } else {
    in = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!in) return std::unexpected(system_error(request.name, "cannot open /dev/null", errno));
  }
  GW_TRY_OK(make_pipe(request, streams.output, out));
  GW_TRY_OK(make_pipe(request, streams.error, err));
  for (const auto* ours : {&streams.input, &streams.output, &streams.error}) {
    if (*ours) ::fcntl(ours->get(), F_SETFL, O_NONBLOCK);
  }
  return streams;
}

}  // namespace

// On the control loop, but for `next_id` and post().
struct Launcher::Impl final : Pollable, std::enable_shared_from_this<Impl> {
  struct Request {
    wire::Header header;
    std::string payload;
    std::shared_ptr<wire::Stdio> stdio;
  };
  struct Entry {
    StatePtr state;
    std::shared_ptr<const SpawnRequest> request;
  };

  Impl(LauncherProcess p, Loop& c) : process(std::move(p)), control(c) {
    const auto added = control.add(process.socket(), *this);
    GW_CHECK(added.has_value(), added.error().message());
  }
  ~Impl() { control.remove(process.socket(), *this); }

  // Runs `function` on the control loop, unless the launcher is destroyed before. Thread-safe, like nothing else here.
  void post(std::function<void(Impl&)> function) {
    control.post([weak = weak_from_this(), function = std::move(function)] {
      if (const auto self = weak.lock()) function(*self);
    });
  }

  void on_ready(Readiness) override {
    receive();
    flush();
  }

  void submit(Entry entry, Request request) {
    if (lost) return refuse(entry, {Errc::unavailable, "the process launcher has been killed; restart the gateway"});
    if (waiting.size() >= max_waiting) {
      return refuse(entry, {Errc::unavailable, "too many processes are being started at once; try again later"});
    }
    entries.emplace(entry.state->id, std::move(entry));
    send(std::move(request));
  }

  void ask(wire::Kind kind, std::uint64_t id) {
    if (entries.contains(id)) send({.header = {.kind = kind, .id = id}});
  }

  void send(Request request) {
    waiting.push_back(std::move(request));
    flush();
  }

  void flush() {
    while (!waiting.empty() && !lost) {
      const auto& next = waiting.front();
      const int error = wire::send(process.socket(), next.header, next.payload, next.stdio.get());
      if (error == EAGAIN) return;
      if (error == EPIPE || error == ECONNRESET) return lose_launcher();
      if (error != 0) fail_entry(next.header.id, error);
      waiting.pop_front();
    }
  }

  void receive() {
    wire::Message message;
    while (!lost) {
      switch (wire::receive(process.socket(), message)) {
        case wire::Receipt::nothing_yet: return;
        case wire::Receipt::closed: return lose_launcher();
        case wire::Receipt::message: take(message.header);
      }
    }
  }

  void take(const wire::Header& header) {
    if (header.kind == wire::Kind::hello) return begin_anew();
    const auto found = entries.find(header.id);
    if (found == entries.end()) return;
    const auto entry = found->second;
    switch (header.kind) {
      case wire::Kind::started: return started(entry, static_cast<pid_t>(header.value));
      case wire::Kind::refused:
        entries.erase(found);
        return refuse(entry, refusal(*entry.request, header.stage, static_cast<int>(header.value)));
      case wire::Kind::exited: entries.erase(found); return exited(entry, ExitStatus(static_cast<int>(header.value)));
      default: return;
    }
  }

  // The first hello is the launcher's start; a later one says that it was killed, and its processes with it.
  void begin_anew() {
    if (!std::exchange(greeted, true)) return;
    log::error("launcher.restarted", {{"processes_lost", entries.size()}});
    for (const auto& [id, entry] : entries) send({.header = {.kind = wire::Kind::kill, .id = id}});
    end_all();
  }

  void lose_launcher() {
    lost = true;
    log::error("launcher.lost", {{"processes_lost", entries.size()}, {"remedy", "restart the gateway"}});
    waiting.clear();
    end_all();
  }

  void end_all() {
    for (const auto& [id, entry] : std::exchange(entries, {})) {
      refuse(entry, {Errc::unavailable, "the process launcher was killed; try again"});
      exited(entry, ExitStatus::killed());
    }
  }

  void fail_entry(std::uint64_t id, int error) {
    const auto found = entries.find(id);
    if (found == entries.end()) return;
    refuse(found->second, system_error(found->second.request->name, "cannot reach the process launcher", error));
    entries.erase(found);
  }

  // These three tell the child's loop.
  static void started(const Entry& entry, pid_t pid) {
    entry.state->loop.post([state = entry.state, pid] {
      state->pid = pid;
      state->decided.set();
    });
  }
  static void refuse(const Entry& entry, Error error) {
    entry.state->loop.post([state = entry.state, error = std::move(error)] {
      if (state->decided.is_set()) return;
      state->refusal = error;
      state->decided.set();
    });
  }
  static void exited(const Entry& entry, ExitStatus status) {
    entry.state->loop.post([state = entry.state, status] {
      if (state->before_exit) state->before_exit();
      state->status = status;
      state->exited.set();
    });
  }

  LauncherProcess process;
  Loop& control;
  std::atomic<std::uint64_t> next_id = 1;
  bool greeted = false;
  bool lost = false;
  std::deque<Request> waiting;
  std::unordered_map<std::uint64_t, Entry> entries;
};

Launcher::Launcher(LauncherProcess process, Loop& control)
    : impl_(std::make_shared<Impl>(std::move(process), control)) {}
Launcher::~Launcher() = default;

Loop& Launcher::control() const {
  return impl_->control;
}
pid_t Launcher::pid() const {
  return impl_->process.pid();
}

Task<Result<std::unique_ptr<Child>>> Launcher::spawn(Loop& loop, SpawnRequest wanted) {
  GW_CHECK(&loop == Loop::current());
  GW_CO_TRY(auto payload, wire::encode(wanted));
  GW_CO_TRY(auto streams, make_streams(wanted));
  const auto request = std::make_shared<const SpawnRequest>(std::move(wanted));
  const auto state = std::make_shared<ProcessState>(impl_->next_id++, loop);
  // From here on, destroying the child undoes the start.
  std::unique_ptr<Child> child(new Child(*this, state, request->name));
  if (streams.input) child->input_ = std::make_unique<PipeWriter>(loop, std::move(streams.input));
  if (request->output == Output::pipe) {
    child->output_ = std::make_unique<PipeReader>(loop, std::move(streams.output));
  } else {
    child->output_log_ =
        std::make_unique<LogPump>(loop, std::move(streams.output), LogStream::out, request->log, request->name);
  }
  child->error_log_ =
      std::make_unique<LogPump>(loop, std::move(streams.error), LogStream::err, request->log, request->name);

  Impl::Request message{.header = {.kind = wire::Kind::spawn, .id = state->id},
                        .payload = std::move(payload),
                        .stdio = std::make_shared<wire::Stdio>(std::move(streams.theirs))};
  impl_->post([state, request, message = std::move(message)](Impl& impl) { impl.submit({state, request}, message); });
  co_await state->decided;
  if (state->refusal) co_return std::unexpected(*state->refusal);
  log::debug("process.started", {{"process", child->name()}, {"pid", child->pid()}});
  co_return child;
}

void Launcher::terminate(const ProcessState& state) {
  impl_->post([id = state.id](Impl& impl) { impl.ask(wire::Kind::terminate, id); });
}

void Launcher::kill(const ProcessState& state) {
  impl_->post([id = state.id](Impl& impl) { impl.ask(wire::Kind::kill, id); });
}

void Launcher::forget(const ProcessState& state) {
  impl_->post([id = state.id](Impl& impl) {
    impl.ask(wire::Kind::kill, id);
    impl.entries.erase(id);
  });
}

}  // namespace gw::process
