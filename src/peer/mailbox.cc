#include "peer/mailbox.h"

namespace gw::peer {

void Mailbox::State::put(std::string text) {
  if (bytes.fetch_add(text.size()) + text.size() > max_bytes) {
    return end(Error(Errc::upstream, fmt::format("the server sends more than can be taken: {} bytes wait", max_bytes)));
  }
  loop.post([weak = weak_from_this(), text = std::move(text)]() mutable {
    const auto self = weak.lock();
    if (self == nullptr || self->ended) return;
    self->texts.push_back(std::move(text));
    self->arrived.set();
  });
}

void Mailbox::State::end(Error error) {
  loop.post([weak = weak_from_this(), error = std::move(error)] {
    const auto self = weak.lock();
    if (self == nullptr || self->ended) return;
    self->ended = error;
    self->arrived.set();
  });
}

Task<Result<std::string>> Mailbox::next() {
  State& state = *state_;
  while (state.texts.empty()) {
    if (state.ended) co_return std::unexpected(*state.ended);
    state.arrived.reset();
    co_await state.arrived;
  }
  std::string text = std::move(state.texts.front());
  state.texts.pop_front();
  state.bytes.fetch_sub(text.size());
  co_return text;
}

}  // namespace gw::peer
