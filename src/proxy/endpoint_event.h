// The first event of an HTTP+SSE stream (2024-11-05): where the client shall POST its messages.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "routing/route.h"

namespace gw::proxy {

using routing::resolve_message_target;

// The bytes of a stream until its first event is complete.
class EndpointEvent {
 public:
  // Longer first events are refused.
  static constexpr std::size_t max_size = 16 * 1024;

  // Takes bytes of the stream. True when the first event is complete: data() is its data, rest() the bytes behind it.
  // Errc::upstream when it is not an endpoint event or too long.
  Result<bool> feed(std::string_view bytes);
  const std::string& data() const { return data_; }
  std::string_view rest() const { return std::string_view(held_).substr(end_); }

 private:
  std::string held_;
  std::size_t end_ = 0;
  std::string data_;
};

}  // namespace gw::proxy
