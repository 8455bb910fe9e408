#include <sys/socket.h>

#include <fmt/core.h>
#include <boost/json.hpp>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "bench/load/client.h"
#include "bench/load/process_tree.h"
#include "bench/load/workloads.h"

namespace gw::bench {
namespace {

constexpr std::string_view kCall =
    R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"big","arguments":{}}})";
constexpr Nanos kReadEvery = 10 * kMillisecond;
constexpr Nanos kSampleEvery = 100 * kMillisecond;
// Fixed and small, so that the kernel does not take the result off the gateway's hands.
constexpr int kReceiveBuffer = 64 * 1024;

// Reads one big result no faster than it is told to.
class SlowReader final : MessageSink {
 public:
  SlowReader(const Address& target, std::size_t index, const std::string& request)
      : socket_(connect_to(target, index, kReceiveBuffer)), unsent_(request) {}

  // Reads at most `bytes`. Returns whether the result is still incomplete.
  bool read(std::size_t bytes) {
    if (!unsent_.empty()) return send_request();
    std::array<char, 64 * 1024> buffer;
    while (!done_ && bytes > 0) {
      const ssize_t size = ::recv(socket_.get(), buffer.data(), std::min(bytes, buffer.size()), 0);
      if (size < 0 && errno == EAGAIN) break;
      if (size <= 0 || !reader_.feed({buffer.data(), static_cast<std::size_t>(size)})) {
        throw std::runtime_error(fmt::format("the connection was closed after {} bytes of the result", received_));
      }
      bytes -= static_cast<std::size_t>(size);
    }
    return !done_;
  }

  std::uint64_t received() const { return received_; }

 private:
  bool send_request() {
    const ssize_t size = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (size > 0) unsent_.erase(0, static_cast<std::size_t>(size));
    return true;
  }

  void on_head(const MessageHead& head) override {
    if (head.status() != 200)
      throw std::runtime_error(fmt::format("the call was answered with status {}", head.status()));
  }
  void on_body(std::string_view bytes) override { received_ += bytes.size(); }
  void on_message_end() override { done_ = true; }

  Fd socket_;
  std::string unsent_;
  HttpReader reader_{HttpReader::Kind::responses, *this};
  std::uint64_t received_ = 0;
  bool done_ = false;
};

}  // namespace

boost::json::object run_big_results(const Options& options) {
  Poller poller;
  const RequestWriter writer(options);
  const auto sessions = open_sessions(poller, options, writer, options.streams, options.connections);
  const ProcessTree process(options.pid);
  const auto before = process.resident_bytes();

  std::vector<std::unique_ptr<SlowReader>> readers;
  for (std::size_t i = 0; i < options.streams; ++i) {
    readers.push_back(
        std::make_unique<SlowReader>(options.target, i, writer.post(i % options.adapters, sessions[i], kCall)));
  }
  const Nanos start = now();
  const Nanos give_up = start + kSecond * 300;
  const auto share = static_cast<std::size_t>(options.read_bytes_per_second * kReadEvery / kSecond);
  auto peak = before;
  Nanos next_sample = 0;
  bool more = true;
  for (Nanos tick = start; more; tick += kReadEvery) {
    if (now() > give_up) throw std::runtime_error("the results did not end within five minutes");
    poller.wait(tick);
    more = false;
    for (const auto& reader : readers) more |= reader->read(share);
    if (now() >= next_sample) {
      peak = std::max(peak, process.resident_bytes());
      next_sample = now() + kSampleEvery;
    }
  }
  return {{"streams", readers.size()},
          {"seconds", static_cast<double>(now() - start) / kSecond},
          {"bytes_per_result", readers.front()->received()},
          {"rss_before", before},
          {"rss_peak", peak},
          {"bytes_per_stream", static_cast<double>(peak - before) / static_cast<double>(readers.size())}};
}

}  // namespace gw::bench
