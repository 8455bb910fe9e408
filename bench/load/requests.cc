#include <boost/json.hpp>

#include <random>

#include "bench/load/client.h"
#include "bench/load/histogram.h"
#include "bench/load/measurement.h"
#include "bench/load/workloads.h"

namespace gw::bench {
namespace {

constexpr std::string_view kCall =
    R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":)"
    R"("A benchmark request body has exactly 137b."}}})";
static_assert(kCall.size() == 137);

constexpr Nanos kGrace = 2 * kSecond;  // For what is under way at the end of an open loop.

class RequestRun final : public ClientHandler {
 public:
  explicit RequestRun(const Options& options) : options_(options), writer_(options), measurement_(options.pid) {}

  boost::json::object run() {
    const std::size_t sessions = options_.sessions > 0 ? options_.sessions : options_.connections;
    sessions_ = open_sessions(poller_, options_, writer_, sessions, options_.connections);
    clients_.resize(options_.connections);
    for (std::size_t i = 0; i < clients_.size(); ++i) connect(i);

    start_ = now();
    measure_from_ = start_ + options_.warmup;
    end_ = measure_from_ + options_.duration;
    for (auto& client : clients_) send_next(*client);
    run_until(measure_from_);
    measurement_.start();
    measuring_ = true;
    run_until(end_);
    measuring_ = false;
    measurement_.stop();
    if (open_loop()) finish_open_loop();
    return report();
  }

 private:
  bool open_loop() const { return options_.rate > 0; }
  Nanos due_of(std::uint64_t request) const {
    return start_ + static_cast<Nanos>(static_cast<double>(request) * kSecond / options_.rate);
  }

  void connect(std::size_t index) {
    clients_[index] = std::make_unique<ClientConnection>(poller_, *this, options_.target, index);
  }

  void run_until(Nanos end) {
    while (now() < end) {
      poller_.wait(open_loop() ? std::min(end, std::max<Nanos>(due_of(next_), free_.empty() ? end : 0)) : end);
      replace_lost();
      send_due();
    }
  }

  // Requests of the interval that are still on their way count too: leaving them out would hide the worst.
  void finish_open_loop() {
    const Nanos give_up = now() + kGrace;
    while ((due_of(next_) < end_ || answered_ < due_) && now() < give_up) {
      poller_.wait(give_up);
      replace_lost();
      send_due();
    }
  }

  void send_next(ClientConnection& client) {
    if (open_loop()) {
      free_.push_back(client.index());
    } else {
      send(client, now());
    }
  }

  void send_due() {
    if (!open_loop()) return;
    while (!free_.empty() && due_of(next_) <= std::min(now(), end_ - 1)) {
      const Nanos due = due_of(next_++);
      if (due >= measure_from_) ++due_;
      ClientConnection& client = *clients_[free_.back()];
      free_.pop_back();
      send(client, due);
    }
  }

  void send(ClientConnection& client, Nanos due) {
    const std::size_t session = random_() % sessions_.size();
    client.request(writer_.post(session % options_.adapters, sessions_[session], kCall), due);
  }

  void on_reply(ClientConnection& client) override {
    count(client.reply().status == 200 && client.reply().has_result, client.due());
    if (measuring_) ++completed_;
    send_next(client);
  }

  void count(bool good, Nanos due) {
    const bool counts = open_loop() ? due >= measure_from_ : measuring_;
    if (!counts) return;
    ++answered_;
    if (good) {
      latency_.add(now() - due);
    } else {
      ++failed_;
    }
  }

  void on_connection_lost(ClientConnection& client) override {
    if (client.busy()) count(false, client.due());
    lost_.push_back(client.index());
  }

  void replace_lost() {
    for (const std::size_t index : std::exchange(lost_, {})) {
      std::erase(free_, index);
      ++reconnects_;
      connect(index);
      send_next(*clients_[index]);
    }
  }

  boost::json::object report() {
    boost::json::object report;
    measurement_.report(report, "requests", completed_ - std::min(failed_, completed_));
    report["failed"] = failed_;
    report["reconnects"] = reconnects_;
    if (open_loop()) {
      report["rate"] = options_.rate;
      report["unanswered"] = due_ - answered_;
    }
    report["latency_us"] = latency_.to_json();
    return report;
  }

  const Options& options_;
  Poller poller_;
  RequestWriter writer_;
  Measurement measurement_;
  std::vector<std::string> sessions_;
  Clients clients_;
  std::vector<std::size_t> free_;  // Connections without a request, in an open loop.
  std::vector<std::size_t> lost_;
  std::minstd_rand random_{1};

  Nanos start_ = 0;
  Nanos measure_from_ = 0;
  Nanos end_ = 0;
  bool measuring_ = false;
  std::uint64_t next_ = 0;  // Number of the next request of an open loop.
  std::uint64_t due_ = 0;   // Requests of an open loop that were sent and due in the interval.
  std::uint64_t answered_ = 0;
  std::uint64_t completed_ = 0;  // Replies within the interval.
  std::uint64_t failed_ = 0;
  std::uint64_t reconnects_ = 0;
  Histogram latency_;
};

}  // namespace

boost::json::object run_requests(const Options& options) {
  return RequestRun(options).run();
}

}  // namespace gw::bench
