#include "streamable/mailbox.h"

#include <utility>

#include "base/check.h"

namespace gw::streamable {

void Mailbox::put(std::string message) {
  if (closed_) return;
  if (!messages_.empty() && bytes_ + message.size() > max_bytes_) {
    messages_.clear();
    overflowed_ = true;
    return close();
  }
  bytes_ += message.size();
  messages_.push_back(std::move(message));
  ready_.set();
}

void Mailbox::end_call() {
  GW_CHECK(calls_ > 0);
  if (--calls_ == 0 && ends_ == Ends::with_its_calls) close();
}

void Mailbox::close() {
  closed_ = true;
  ready_.set();
}

std::optional<std::string> Mailbox::take() {
  if (messages_.empty()) return {};
  std::string message = std::move(messages_.front());
  messages_.pop_front();
  bytes_ -= message.size();
  if (messages_.empty() && !closed_) ready_.reset();
  return message;
}

}  // namespace gw::streamable
