// Streams that several calls share: the GET stream of a session, and the stream that a session of HTTP+SSE is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "peer/mailbox.h"
#include "routing/route_table.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace gw::peer {

class Outbound;

// Thread-safe. Its stream is read on the home loop, until the channel is destroyed or the server ends it. A GET stream
// that ended is opened again from the last event on; a session's own stream is not, since the session ends with it.
class Channel {
 public:
  struct State;
  explicit Channel(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  // Completes when the stream is open. HTTP+SSE: with the target for messages; else with nothing. Errc::unsupported
  // when the server offers no stream, Errc::not_found when it does not know the session.
  Task<Result<std::string>> opened();
  bool ended() const;

  // Ends when it is destroyed, on the loop of its mailbox and before it.
  class [[nodiscard]] Subscription {
   public:
    Subscription() = default;
    Subscription(std::shared_ptr<State> channel, std::shared_ptr<Mailbox::State> mailbox)
        : channel_(std::move(channel)), mailbox_(std::move(mailbox)) {}
    Subscription(Subscription&&) noexcept = default;
    Subscription& operator=(Subscription&& other) = delete;
    ~Subscription();

   private:
    std::shared_ptr<State> channel_;
    std::shared_ptr<Mailbox::State> mailbox_;
  };
  // The answer to request `id`, progress of that token, and, for the only call of the channel, requests and log
  // messages of the server, which name no call.
  Subscription for_call(std::uint64_t id, const Mailbox& mailbox);
  // Notifications that no call gets; an empty message when the stream was lost for a while and is back.
  Subscription for_announcements(const Mailbox& mailbox);

 private:
  std::shared_ptr<State> state_;
};
using ChannelPtr = std::shared_ptr<Channel>;

// What to read.
struct ChannelRequest {
  routing::RoutePtr route;
  routing::Endpoint endpoint;
  std::string target;
  std::string fields;       // "Name: value\r\n" lines.
  bool is_session = false;  // HTTP+SSE: the first event names where messages go.
};

// Opens channels.
class Channels {
 public:
  explicit Channels(Loop& home);
  ~Channels();

  // On the home loop: reads over the connections of `outbound`, until stop(), which ends every channel. Before start()
  // and after stop() channels fail with Errc::unavailable.
  void start(Outbound& outbound);
  void stop();

  // Any loop. Begins at once; Channel::opened() says how it went.
  ChannelPtr open(ChannelRequest request);

  struct Home;

 private:
  std::shared_ptr<Home> home_;
};

}  // namespace gw::peer
