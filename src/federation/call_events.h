// What a server sends before its answer, as the client gets it.
#pragma once

#include <memory>
#include <string>

#include "federation/call.h"

namespace gw::federation {

// `worker` and `call` must outlive it.
class CallEvents final : public peer::Events {
 public:
  CallEvents(Worker& worker, const Call& call, std::weak_ptr<streamable::Mailbox> box)
      : worker_(worker), call_(call), box_(std::move(box)) {}

  // Progress gets the client's token, log messages the name of their server, addresses of resources the client's form.
  Task<Result<>> notification(std::string_view method, std::string_view params) override;
  // Only legacy clients that said that they can be asked, on a stream that is open.
  Task<std::expected<std::string, Declined>> request(std::string_view method, std::string_view params) override;

 private:
  void send(std::string_view method, std::string_view params);
  std::optional<Declined> refuse(std::string_view method, std::string_view params) const;

  Worker& worker_;
  const Call& call_;
  const std::weak_ptr<streamable::Mailbox> box_;
};

// Adapter and logger of a log message: "web/requests".
std::string with_logger(std::string_view params, std::string_view source);

}  // namespace gw::federation
