// Questions about the head of an upstream's answer.
#pragma once

#include <string>

#include "base/error.h"
#include "http/head.h"

namespace gw::proxy {

bool is_event_stream(const http::ResponseHead& head);
// Errc::upstream for an answer with a content coding, which cannot be looked at.
Result<> check_not_encoded(const http::ResponseHead& head);

// A copy of a head that outlives the connection's buffer.
class HeldHead {
 public:
  explicit HeldHead(const http::ResponseHead& head);
  HeldHead(const HeldHead&) = delete;
  HeldHead& operator=(const HeldHead&) = delete;

  const http::ResponseHead& get() const { return head_; }

 private:
  std::string text_;
  http::ResponseHead head_;  // Its views are into text_.
};

}  // namespace gw::proxy
