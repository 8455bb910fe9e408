// Streams that several calls share: the GET stream of a session, and the stream that a session of HTTP+SSE is.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "routing/route_table.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace gw::peer {

class Outbound;

// What one reader on one loop gets of a channel: messages in their order, then the reason why there will be no more.
class Mailbox {
 public:
  explicit Mailbox(std::size_t max_bytes);
  ~Mailbox();
  // The next message; an error when the channel ended, or when more than `max_bytes` waited here.
  Task<Result<std::string>> next();

  struct State;
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

// Thread-safe. Its stream is read on the home loop.
class Channel {
 public:
  struct State;
  explicit Channel(std::shared_ptr<State> state) : state_(std::move(state)) {}
  // Ends the stream.
  ~Channel();

  // HTTP+SSE: where messages go, once the server has said it; others: empty, once the stream is open. Errc::unsupported
  // when the server offers no stream.
  Task<Result<std::string>> opened();
  bool ended() const;

  // Leaves when it is destroyed, on the mailbox's loop.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(std::shared_ptr<State> channel, std::shared_ptr<Mailbox::State> mailbox);
    Subscription(Subscription&&) noexcept = default;
    Subscription& operator=(Subscription&& other) noexcept;
    ~Subscription();

   private:
    std::shared_ptr<State> channel_;
    std::shared_ptr<Mailbox::State> mailbox_;
  };
  // The answer to request `id`, what names it by progress token, and, when it is the only call of the channel, what
  // names none and is about some call: requests and log messages of the server.
  Subscription for_call(std::uint64_t id, Mailbox& mailbox);
  // Notifications that no call gets.
  Subscription for_announcements(Mailbox& mailbox);

 private:
  std::shared_ptr<State> state_;
};
using ChannelPtr = std::shared_ptr<Channel>;

// What to read.
struct ChannelRequest {
  routing::RoutePtr route;
  routing::Endpoint endpoint;
  std::string target;
  std::string fields;        // "Name: value\r\n" lines.
  bool is_session = false;   // HTTP+SSE: the first event names where messages go.
};

// Opens channels; they are read on the home loop.
class Channels {
 public:
  explicit Channels(Loop& home);
  ~Channels();
  // On the home loop: reads with the connections of `outbound` until stop(), which ends every channel. Without a start
  // channels fail with Errc::unavailable.
  void start(Outbound& outbound);
  void stop();

  // Any loop. Begins at once; Channel::opened() says how it went.
  ChannelPtr open(ChannelRequest request);

  struct Reader;

 private:
  Loop& home_;
  std::shared_ptr<Reader> reader_;
};

}  // namespace gw::peer
