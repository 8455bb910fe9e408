// One HTTP request to a URL, with its whole answer: for key sets, metadata and the command line, which also reads
// streams. Not for the data plane.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/head.h"
#include "net/connect.h"
#include "net/egress.h"
#include "runtime/task.h"

namespace gw::http {
class ClientConnection;
}

namespace gw::fetch {

struct Request {
  std::string url;  // http or https, or unix:… is not supported.
  http::Method method = http::Method::get;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::size_t max_bytes = 1 << 20;                 // Of the answer's body.
  Duration timeout = std::chrono::seconds(10);     // For all of it.
  std::shared_ptr<const net::TlsContext> tls;      // Null: the system's trust for https.
  std::shared_ptr<const net::EgressRules> egress;  // Null: any address.
  bool require_https = false;                      // http is accepted for loopback hosts only.
};

struct Response {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;

  // The first field of that name, without regard to case.
  std::string_view field(std::string_view name) const;
  // Cache-Control: max-age, where given.
  std::optional<Duration> max_age() const;
};

// Redirects are not followed: an answer of 3xx is an answer. The address that was checked is the one that is connected
// to. Errors: Errc::invalid for the URL; Errc::forbidden by the egress rules; Errc::unavailable, Errc::timeout,
// Errc::upstream as net::connect and http::ClientConnection say; Errc::too_large. No error shows the query or the body.
Task<Result<Response>> fetch(net::Resolver& resolver, Request request);

// An answer whose body is read while it comes, such as a stream of events. Destroying it closes the connection.
class Answer {
 public:
  Answer(std::unique_ptr<http::ClientConnection> connection, std::string what, Response head);
  Answer(Answer&&) noexcept;
  ~Answer();

  int status() const { return head_.status; }
  std::string_view field(std::string_view name) const { return head_.field(name); }
  Response head() && { return std::move(head_); }  // Without a body.
  // The next part of the body; empty at its end. Valid until the next call. Waits at most `waiting` for it.
  Task<Result<std::string_view>> part(Duration waiting);
  // What is left of the body; Errc::too_large past `max_bytes`.
  Task<Result<std::string>> rest(std::size_t max_bytes, Duration waiting);

 private:
  std::unique_ptr<http::ClientConnection> connection_;
  std::string what_;  // For errors.
  Response head_;
};

// The same as fetch() up to the head of the answer; `timeout` bounds the way to there, and `max_bytes` means nothing.
Task<Result<Answer>> open(net::Resolver& resolver, Request request);

}  // namespace gw::fetch
