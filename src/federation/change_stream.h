// Tells one client of changes: of lists as it sees them, and of resources that it wants to hear of.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "federation/worker.h"
#include "peer/remote_peer.h"
#include "streamable/mailbox.h"

namespace gw::federation {

// What a client wants to hear of. Its own addresses.
struct Wanted {
  bool tools = false;
  bool prompts = false;
  bool resources = false;
  std::set<std::string> uris;
};

// Belongs to the exchange of the stream: destroying it ends everything. Puts notifications into `box`, and closes it
// when the caller's session or identity ends, or its virtual server is gone.
class ChangeStream {
 public:
  // `subscription` is the raw id of a modern client's subscriptions/listen; empty for legacy ones, whose subscriptions
  // come from their session.
  ChangeStream(Worker& worker, Caller caller, Wanted wanted, std::string subscription,
               std::shared_ptr<streamable::Mailbox> box);
  ~ChangeStream();
  ChangeStream(const ChangeStream&) = delete;
  ChangeStream& operator=(const ChangeStream&) = delete;

  void start();

  // As its acknowledgement says it: without what cannot be honoured. Raw JSON.
  std::string honoured() const;

 private:
  class Source;
  using Hashes = std::array<std::string, 3>;

  void tell_of_lists();
  Task<> watch_lists();
  Task<> watch_session();
  bool refresh();  // False when the caller's part of the catalogue is gone.
  Hashes hashes();
  Hashes listed();
  void watch_resources();
  void notify(std::string_view method, std::string params);
  void updated(std::string_view source, std::string_view params);

  Worker& worker_;
  Caller caller_;
  const std::string server_name_;  // Of the caller's virtual server.
  Wanted wanted_;
  const std::string subscription_;
  const std::shared_ptr<streamable::Mailbox> box_;
  Hashes known_;
  std::map<std::string, std::unique_ptr<Source>> sources_;
  Timer expiry_;
  TaskGroup tasks_;
};

}  // namespace gw::federation
