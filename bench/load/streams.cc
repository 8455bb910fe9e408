#include <fmt/core.h>
#include <boost/json.hpp>

#include <charconv>
#include <stdexcept>

#include "bench/load/client.h"
#include "bench/load/histogram.h"
#include "bench/load/measurement.h"
#include "bench/load/workloads.h"

namespace gw::bench {
namespace {

constexpr Nanos kOpenTimeout = 60 * kSecond;

// Finds the events of one stream, however they are cut.
class EventSplitter {
 public:
  // Calls `on_event(event)` for each complete one.
  template <class Function>
  void feed(std::string_view bytes, Function on_event) {
    if (!partial_.empty()) {
      const std::size_t before = partial_.size();
      partial_ += bytes;
      const auto end = partial_.find("\n\n", before - 1);
      if (end == std::string::npos) return;
      on_event(std::string_view(partial_).substr(0, end));
      bytes.remove_prefix(end + 2 - before);
      partial_.clear();
    }
    for (auto end = bytes.find("\n\n"); end != std::string_view::npos; end = bytes.find("\n\n")) {
      on_event(bytes.substr(0, end));
      bytes.remove_prefix(end + 2);
    }
    partial_ = bytes;
  }

 private:
  std::string partial_;
};

// When the upstream wrote the event; 0 when it is not one of the benchmark's (a keep-alive comment).
Nanos sent_at(std::string_view event) {
  constexpr std::string_view mark = "\"sent_ns\":";
  const auto at = event.substr(0, 256).find(mark);
  Nanos result = 0;
  if (at != std::string_view::npos) {
    const auto begin = event.find_first_not_of(' ', at + mark.size());
    if (begin == std::string_view::npos) return 0;
    const auto digits = event.substr(begin, 20);
    std::from_chars(digits.data(), digits.data() + digits.size(), result);
  }
  return result;
}

class StreamRun final : public ClientHandler {
 public:
  StreamRun(const Options& options, bool idle)
      : options_(options), idle_(idle), writer_(options), measurement_(options.pid), process_(options.pid) {}

  boost::json::object run_events() {
    open_all();
    run_for(options_.warmup);
    measurement_.start();
    measuring_ = true;
    run_for(options_.duration);
    measuring_ = false;
    measurement_.stop();
    boost::json::object report;
    measurement_.report(report, "events", events_);
    report["streams"] = clients_.size();
    report["lost"] = lost_;
    report["latency_us"] = latency_.to_json();
    return report;
  }

  boost::json::object run_idle() {
    sessions_ = open_sessions(poller_, options_, writer_, options_.streams, options_.connections);
    const auto before = process_.resident_bytes();
    open_all();
    run_for(options_.warmup);
    const auto after = process_.resident_bytes();
    run_for(options_.duration);
    const auto growth = static_cast<double>(after) - static_cast<double>(before);
    return {{"streams", clients_.size()},
            {"lost", lost_},
            {"rss_before", before},
            {"rss_after", after},
            {"bytes_per_stream", growth / static_cast<double>(clients_.size())}};
  }

 private:
  // At most options.connections are being opened at a time, so that no queue of the system overflows.
  void open_all() {
    if (sessions_.empty()) {
      sessions_ = open_sessions(poller_, options_, writer_, options_.streams, options_.connections);
    }
    splitters_.resize(options_.streams);
    const Nanos give_up = now() + kOpenTimeout;
    while (open_ < options_.streams) {
      if (lost_ > 0 || now() > give_up) {
        throw std::runtime_error(fmt::format("only {} of {} streams could be opened; last status {}", open_,
                                             options_.streams, last_status_));
      }
      while (clients_.size() < options_.streams && clients_.size() - open_ < options_.connections) open_next();
      poller_.wait(now() + kSecond);
    }
  }

  void open_next() {
    const std::size_t index = clients_.size();
    clients_.push_back(std::make_unique<ClientConnection>(poller_, *this, options_.target, index));
    const std::size_t adapter = index % options_.adapters;
    clients_[index]->request(
        idle_ ? writer_.get(adapter, sessions_[index]) : writer_.post(adapter, sessions_[index], call()), now());
  }

  std::string call() const {
    return fmt::format(R"({{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"stream","arguments":)"
                       R"({{"bytes":{},"per_second":{},"batch":{}}}}}}})",
                       options_.event_bytes, options_.events_per_second, options_.batch);
  }

  void run_for(Nanos duration) {
    const Nanos end = now() + duration;
    while (now() < end) poller_.wait(end);
  }

  void on_reply_head(ClientConnection& client) override {
    last_status_ = client.reply().status;
    if (last_status_ == 200 && client.reply().event_stream) {
      ++open_;
    } else {
      ++lost_;
    }
  }

  void on_body_bytes(ClientConnection& client, std::string_view bytes) override {
    splitters_[client.index()].feed(bytes, [this](std::string_view event) {
      const Nanos sent = sent_at(event);
      if (!measuring_ || sent == 0) return;
      ++events_;
      latency_.add(now() - sent);
    });
  }

  void on_reply(ClientConnection&) override { ++lost_; }  // These streams have no end.
  void on_connection_lost(ClientConnection&) override { ++lost_; }

  const Options& options_;
  const bool idle_;
  Poller poller_;
  RequestWriter writer_;
  Measurement measurement_;
  ProcessTree process_;
  std::vector<std::string> sessions_;
  Clients clients_;
  std::vector<EventSplitter> splitters_;
  std::size_t open_ = 0;
  std::size_t lost_ = 0;
  int last_status_ = 0;
  bool measuring_ = false;
  std::uint64_t events_ = 0;
  Histogram latency_;
};

}  // namespace

boost::json::object run_event_streams(const Options& options) {
  return StreamRun(options, false).run_events();
}

boost::json::object run_idle_streams(const Options& options) {
  return StreamRun(options, true).run_idle();
}

}  // namespace gw::bench
