// For tests: stdio servers that live in the test.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/event.h"
#include "stdio/child_process.h"

namespace gw::stdio {

// What a fake server does and has seen. Outlives its process object.
struct FakeServer {
  std::vector<std::string> received;  // Lines.
  std::string output;
  bool ended = false;    // The process has exited.
  bool stopped = false;  // It was asked to.
  std::string end = "it exited with status 0";
  Event changed;    // There is output, or the end.
  Event heard;      // A line was received.
  Event stop_seen;  // stop() was called, or the process was destroyed.

  void say(std::string_view line) {
    output.append(line).append("\n");
    changed.set();
  }
  void exit(std::string how) {
    ended = true;
    end = std::move(how);
    changed.set();
  }
};

class FakeStarter final : public ChildStarter {
 public:
  // Called with each line that a server receives.
  using Script = std::function<void(FakeServer&, const std::string& line)>;

  explicit FakeStarter(Script script) : script_(std::move(script)) {}

  Task<Result<std::unique_ptr<ChildProcess>>> start() override {
    if (!problem.empty()) co_return fail(Errc::invalid, "{}", problem);
    servers.push_back(std::make_shared<FakeServer>());
    co_return std::make_unique<Process>(servers.back(), script_);
  }

  std::vector<std::shared_ptr<FakeServer>> servers;  // Every one that was started.
  std::string problem;                               // Why none can be started.

 private:
  class Process final : public ChildProcess {
   public:
    Process(std::shared_ptr<FakeServer> server, Script script)
        : server_(std::move(server)), script_(std::move(script)) {}
    ~Process() override { server_->stop_seen.set(); }

    Task<Result<std::size_t>> read(std::span<char> buffer) override {
      while (server_->output.empty() && !server_->ended) {
        server_->changed.reset();
        co_await server_->changed;
      }
      const std::size_t size = std::min(buffer.size(), server_->output.size());
      std::copy_n(server_->output.begin(), size, buffer.begin());
      server_->output.erase(0, size);
      co_return size;
    }
    Task<Result<>> write(std::string bytes) override {
      bytes.pop_back();  // The line end.
      server_->received.push_back(bytes);
      script_(*server_, bytes);
      server_->heard.pulse();
      co_return Result<>();
    }
    Task<std::string> stop() override {
      server_->stopped = true;
      server_->stop_seen.set();
      co_return server_->end;
    }
    void keep_log_line(std::string_view) override {}

   private:
    std::shared_ptr<FakeServer> server_;
    Script script_;
  };

  Script script_;
};

}  // namespace gw::stdio
