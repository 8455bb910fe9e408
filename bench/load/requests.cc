#include <boost/json.hpp>

#include <random>
#include <stdexcept>

#include "bench/load/client.h"
#include "bench/load/histogram.h"
#include "bench/load/measurement.h"
#include "bench/load/tool_names.h"
#include "bench/load/workloads.h"

namespace gw::bench {
namespace {

constexpr Nanos kGrace = 2 * kSecond;  // For what is under way at the end of an open loop.

// Connections whose calls nobody answers.
class StalledCalls final : public ClientHandler {
 public:
  void begin(Poller& poller, const Options& options, const RequestWriter& writer, std::string_view session_id,
             std::string_view tool) {
    for (std::size_t i = 0; i < options.stalled; ++i) {
      clients_.push_back(std::make_unique<ClientConnection>(poller, *this, options.target, i));
      clients_.back()->request(writer.post(0, session_id, call_text(tool)), now());
    }
  }
  std::uint64_t answered() const { return answered_; }

 private:
  void on_reply(ClientConnection&) override { ++answered_; }
  void on_connection_lost(ClientConnection&) override { ++answered_; }

  Clients clients_;
  std::uint64_t answered_ = 0;
};

class RequestRun final : public ClientHandler {
 public:
  explicit RequestRun(const Options& options) : options_(options), writer_(options), measurement_(options.pid) {}

  boost::json::object run() {
    const std::size_t sessions = options_.sessions > 0 ? options_.sessions : options_.connections;
    sessions_ = open_sessions(poller_, options_, writer_, sessions, options_.connections);
    bodies_ = bodies();
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

  std::vector<std::string> bodies() {
    if (options_.workload == "list" || options_.workload == "federated-call") {
      const auto tools = tool_names(poller_, options_, writer_, sessions_.front(), options_.tools);
      std::vector<std::string> calls;
      std::string stalling;
      for (const std::string& tool : tools) {
        const bool stalls = !options_.stalling.empty() && tool.starts_with(options_.stalling);
        stalls ? stalling = tool : calls.emplace_back(call_text(tool));
      }
      if (!stalling.empty()) stalled_.begin(poller_, options_, writer_, sessions_.front(), stalling);
      return options_.workload == "list" ? std::vector{list_text()} : calls;
    }
    return {call_text("echo")};
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
    client.request(writer_.post(session % options_.adapters, sessions_[session], bodies_[random_() % bodies_.size()]),
                   due);
  }

  void on_reply(ClientConnection& client) override {
    count(client.reply().status == 200 && client.reply().has_result, client.due());
    if (measuring_) ++completed_;
    send_next(client);
  }

  void on_body_bytes(ClientConnection&, std::string_view bytes) override {
    if (measuring_) body_bytes_ += bytes.size();
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
    if (completed_ == 0) throw std::runtime_error("no request was answered in the measured interval");
    boost::json::object report;
    measurement_.report(report, "requests", completed_ - std::min(failed_, completed_));
    report["failed"] = failed_;
    report["reconnects"] = reconnects_;
    report["bytes_per_reply"] = body_bytes_ / completed_;
    if (stalled_.answered() > 0) report["not_stalled"] = stalled_.answered();
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
  std::vector<std::string> bodies_;  // Chosen at random.
  StalledCalls stalled_;
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
  std::uint64_t body_bytes_ = 0;
  Histogram latency_;
};

}  // namespace

boost::json::object run_requests(const Options& options) {
  return RequestRun(options).run();
}

}  // namespace gw::bench
