// What serves a request: a Service answers an Exchange. Middleware is a Service that holds a Service.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/head.h"
#include "identity/principal.h"
#include "runtime/maybe_task.h"
#include "runtime/task.h"

namespace gw::http {

// Who is at the other end of the connection.
struct Peer {
  std::string address;  // Numeric; "local" for connections within the process.
  bool tls = false;
};

enum class Last : bool { no, yes };

// One request and its answer. Bodies are streams in both directions, because some never end.
//
// The answer is start() once, field() for each header field, then write() until Last::yes; or respond() for a short
// one. Until the first write() nothing is sent. Date, framing and Connection are the connection's business.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // Valid until release_request(), else until the exchange ends. Its views point into the connection's buffer and stay
  // valid while the body is read.
  virtual const RequestHead& request() const = 0;
  virtual const Peer& peer() const = 0;

  // The next part of the request body; empty at its end. Valid until the next call of this object. Sends
  // "100 Continue" when the client waits for it. Errc::invalid for a malformed body, Errc::too_large past the limit,
  // Errc::timeout, Errc::cancelled when the client is gone.
  virtual MaybeTask<Result<std::string_view>> read_body() = 0;
  // Whether the whole body has been handed out: the next read_body() would be empty.
  virtual bool body_done() const = 0;
  // The trailer fields of a chunked request body that is done, as MessageParser::trailers() gives them.
  virtual const std::string& request_trailers() const = 0;
  // Gives the memory of the request back: for answers that stream for long. request() keeps the method only.
  virtual void release_request() = 0;

  // Begins the answer. `length` is the Content-Length; nothing makes the body chunked (or delimited by the end of the
  // connection for HTTP/1.0). A status of 1xx is an error of the caller.
  virtual void start(int status, std::optional<std::uint64_t> length, std::string_view reason = {}) = 0;
  virtual void field(std::string_view name, std::string_view value) = 0;
  // Sends the head, if it is not sent yet, and a part of the body. Completes when the kernel has taken the bytes, so a
  // slow client slows its writer. Errc::cancelled when the client is gone, Errc::timeout when it reads nothing for
  // long.
  virtual MaybeTask<Result<>> write(std::string_view part, Last last) = 0;
  // "Name: value\r\n" lines to send behind a chunked body; to be set before the last write.
  virtual void set_trailers(std::string trailers) = 0;

  virtual bool started() const = 0;   // start() was called.
  virtual bool finished() const = 0;  // The last part was written.
  // For the access log and metrics.
  virtual int status() const = 0;

  // Called once, from the loop, when the server wants to end: answers that would stream without end should finish then.
  // Replaces an earlier function; an empty one removes it.
  virtual void on_drain(std::function<void()> function) = 0;

  // Names this request in logs, to the upstream and to the client (X-Request-Id). Empty until somebody sets it, before
  // start().
  std::string request_id;
  // Who asks; null until that is known. Set by whoever authenticates, before the service is called that needs it.
  identity::PrincipalPtr caller;
  // The client's numeric address, where a gateway in front says it and may be believed; empty: nobody does.
  std::string client;
  // "Name: value\r\n" lines for every answer to this request, whoever gives it.
  std::string answer_fields;

  // A whole answer.
  MaybeTask<Result<>> respond(int status, std::string_view content_type, std::string_view body);
  // The whole request body, at most `max` bytes.
  Task<Result<std::string>> read_whole_body(std::size_t max);
};

class Service {
 public:
  virtual ~Service() = default;

  // Answers one request. Destroying the task cancels it; the connection does so when the client goes away. A failure
  // before start() becomes an error response (http/problem.h), after it the connection is cut, so that the client sees
  // that the answer is incomplete.
  virtual Task<Result<>> handle(Exchange& exchange) = 0;
};

}  // namespace gw::http
