#include "process/pipe.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace gw::process {
namespace {

void watch(Loop& loop, const UniqueFd& pipe, Pollable& pollable) {
  const auto added = loop.add(pipe.get(), pollable);
  GW_CHECK(added.has_value(), added.error().message());
}

}  // namespace

PipeReader::PipeReader(Loop& loop, UniqueFd pipe) : loop_(loop), pipe_(std::move(pipe)) {
  watch(loop_, pipe_, *this);
}

PipeReader::~PipeReader() {
  loop_.remove(pipe_.get(), *this);
}

Task<Result<std::size_t>> PipeReader::read(std::span<char> buffer) {
  while (true) {
    const ssize_t n = ::read(pipe_.get(), buffer.data(), buffer.size());
    if (n >= 0) co_return static_cast<std::size_t>(n);
    if (errno == EINTR) continue;
    if (errno != EAGAIN) co_return fail(Errc::upstream, "cannot read the process's output: {}", std::strerror(errno));
    readable_.reset();
    co_await readable_;
  }
}

void PipeReader::on_ready(Readiness ready) {
  if (ready.readable) readable_.set();
}

PipeWriter::PipeWriter(Loop& loop, UniqueFd pipe) : loop_(loop), pipe_(std::move(pipe)) {
  watch(loop_, pipe_, *this);
}

PipeWriter::~PipeWriter() {
  shut();
}

Task<Result<>> PipeWriter::write(std::string message) {
  while (pipe_ && !closing_ && queued_ >= max_queued) {
    progress_.reset();
    co_await progress_;
  }
  if (closing_) co_return fail(Errc::invalid, "the process's standard input has been closed by the gateway");
  if (pipe_) {
    queued_ += message.size();
    queue_.push_back(std::move(message));
    flush();
  }
  if (!pipe_) co_return fail(Errc::upstream, "the process has closed its standard input");
  co_return Result<>();
}

void PipeWriter::close() {
  closing_ = true;
  flush();
  progress_.set();
}

void PipeWriter::on_ready(Readiness ready) {
  if (ready.writable) flush();
}

void PipeWriter::flush() {
  while (pipe_ && !queue_.empty()) {
    const std::string& message = queue_.front();
    const ssize_t n = ::write(pipe_.get(), message.data() + written_, message.size() - written_);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return shut();
    written_ += static_cast<std::size_t>(n);
    queued_ -= static_cast<std::size_t>(n);
    if (written_ == message.size()) {
      queue_.pop_front();
      written_ = 0;
    }
    if (queued_ < max_queued) progress_.set();
  }
  if (closing_) shut();
}

void PipeWriter::shut() {
  if (!pipe_) return;
  loop_.remove(pipe_.get(), *this);
  pipe_.reset();
  queue_.clear();
  queued_ = written_ = 0;
  progress_.set();
}

}  // namespace gw::process
