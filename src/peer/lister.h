// What the server of one adapter offers, kept up to date.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "catalogue/item.h"
#include "peer/outbound.h"
#include "peer/server_info.h"
#include "runtime/time.h"

namespace gw::peer {

struct ListerOptions {
  std::size_t max_pages = 1'000;     // Of one list.
  std::size_t max_items = 10'000;    // Of one list.
  std::size_t max_bytes = 64 << 20;  // Of all pages of one list.
  Duration page_timeout = std::chrono::seconds(30);
  Duration poll_interval = std::chrono::minutes(5);      // Sooner when the server's ttlMs says so, with jitter.
  Duration shortest_poll = std::chrono::seconds(10);     // However short a ttlMs is.
  Duration shortest_interval = std::chrono::seconds(1);  // Between two lists of a kind, however often it changes.
  Duration debounce = std::chrono::milliseconds(50);     // A change waits this long for others.
  Duration first_retry = std::chrono::seconds(1);
  Duration longest_retry = std::chrono::seconds(60);
  unsigned failures_before_withdrawal = 3;    // What was listed last counts until then,
  Duration grace = std::chrono::minutes(10);  // or until this long after the first failure, whichever is later.
};

enum class ListerState {
  starting,  // The first listing is under way.
  ready,     // What is offered is what the server said last.
  stale,     // The last attempt failed; what was listed before still counts.
  failed,    // Nothing is offered.
};
std::string_view to_string(ListerState state);

// For /status.
struct ListerStatus {
  ListerState state = ListerState::starting;
  WallTime since{};       // When it came into this state.
  std::string error;      // Why the last attempt failed; empty after a success.
  unsigned attempts = 0;  // Failed ones since the last success.
  WallTime last_success{};
  std::array<std::size_t, catalogue::kinds> counts{};  // Of what is offered.
  std::string dialect;                                 // "modern", "legacy", "sse"; empty while unknown.
  std::string version;
  bool listening = false;  // The server tells of changes; else they are seen by polling.
};

// What the configuration says of an adapter, copied into its listings.
struct ListedAdapter {
  std::string adapter;
  std::string prefix;
  std::vector<std::string> tags;
  std::vector<std::string> categories;
  std::string hint;

  bool operator==(const ListedAdapter&) const = default;
};

// Belongs to the loop of `outbound` (the control loop). Lists everything that the server offers as nobody in
// particular: no principal, no capabilities. Then listens, lists a kind again when the server says that it changed, and
// polls as a backstop. Never lists twice at once. A server that changes or fails all the time costs the others nothing:
// the pace is bounded, and between two pages everything else on the loop runs.
class Lister {
 public:
  // Called on the loop each time that what is offered is different, with null when nothing is any more, and with null
  // when the first attempt has failed. Must not destroy the lister.
  using OnListing = std::function<void(catalogue::ListingPtr)>;

  Lister(Outbound& outbound, ListedAdapter adapter, ListerOptions options, OnListing on_listing);
  ~Lister();
  Lister(const Lister&) = delete;
  Lister& operator=(const Lister&) = delete;

  // The route changed, or somebody wants to know now: lists everything without waiting for its time.
  void refresh();
  // Somebody heard that a list changed: Shared::on_change. Methods that name no list are nothing.
  void heard(std::string_view method);
  // The configuration changed in what listings only copy.
  void describe(ListedAdapter adapter);

  const ListerStatus& status() const;
  const catalogue::ListingPtr& listing() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::peer
