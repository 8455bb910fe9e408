#include "stdio/process_starter.h"

#include <utility>

namespace gw::stdio {
namespace {

class LocalProcess final : public ChildProcess {
 public:
  LocalProcess(std::unique_ptr<process::Child> child, std::shared_ptr<process::LogRing> log)
      : child_(std::move(child)), log_(std::move(log)) {}

  Task<Result<std::size_t>> read(std::span<char> buffer) override { return child_->output().read(buffer); }
  Task<Result<>> write(std::string bytes) override { return child_->input().write(std::move(bytes)); }
  Task<std::string> stop() override {
    const process::ExitStatus status = co_await child_->stop();
    co_return "it " + status.words();
  }
  void keep_log_line(std::string_view line) override { log_->append(process::LogStream::out, line); }

 private:
  std::unique_ptr<process::Child> child_;
  std::shared_ptr<process::LogRing> log_;
};

}  // namespace

ProcessStarter::ProcessStarter(process::Launcher& launcher, Loop& loop, process::SpawnRequest request)
    : launcher_(launcher), loop_(loop), request_(std::move(request)) {
  request_.input = process::Input::pipe;
  request_.output = process::Output::pipe;
}

Task<Result<std::unique_ptr<ChildProcess>>> ProcessStarter::start() {
  GW_CO_TRY(auto child, co_await launcher_.spawn(loop_, request_));
  co_return std::make_unique<LocalProcess>(std::move(child), request_.log);
}

}  // namespace gw::stdio
