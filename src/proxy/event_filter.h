// Lists in the events of a stream: filter_lists for server-sent events as they come.
#pragma once

#include <string>
#include <string_view>

#include "proxy/list_filter.h"

namespace gw::proxy {

// Holds bytes back until their event is complete. The same bytes give the same bytes, however they are cut into pieces;
// an event from which nothing is removed stays byte for byte.
class EventFilter {
 public:
  explicit EventFilter(Shows shows) : shows_(std::move(shows)) {}

  // What may be sent on of everything fed so far and not sent yet; valid until the next call. With `last` also what no
  // blank line ends, which some clients take for an event. Errc::upstream for a message that is no JSON and for events
  // over max_filtered.
  Result<std::string_view> feed(std::string_view bytes, bool last);

 private:
  bool take_event(std::size_t& end);
  Result<> pass(std::string_view event);

  Shows shows_;
  std::string held_;       // Bytes of the event that is not complete.
  std::size_t seen_ = 0;   // Of them, looked at.
  std::size_t line_ = 0;   // Where the last line that began in them begins.
  bool after_cr_ = false;  // The byte before was CR: an LF belongs to it.
  std::string out_;
};

}  // namespace gw::proxy
