#include "peer/exchange.h"

#include <charconv>

#include "base/check.h"
#include "http/status.h"

namespace gw::peer {
namespace {

using http::Name;

constexpr std::string_view post_fields =
    "\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\n";
constexpr std::string_view stream_fields = "\r\nAccept: text/event-stream\r\n";

void add(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// The head and, when it is small, nothing else to copy: the body follows in the same write.
std::string build_head(const HttpRequest& request) {
  std::size_t length = 0;
  for (const std::string_view piece : request.body) length += piece.size();
  std::string out;
  out.reserve(512 + request.fields.size() + request.route.extra_fields.size());
  const bool post = request.method == "POST";
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
  out.append(request.endpoint.host).append(post ? post_fields : stream_fields);
  if (!request.version.empty()) add(out, "MCP-Protocol-Version", request.version);
  if (!request.session.empty()) add(out, "Mcp-Session-Id", request.session);
  out.append(request.fields).append(request.route.extra_fields);
  if (post) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, length).ptr;
    add(out, "Content-Length", {digits, static_cast<std::size_t>(end - digits)});
  }
  out += "\r\n";
  return out;
}

Task<Result<>> exchange_heads(http::ClientConnection& connection, std::span<const std::string_view> pieces,
                              Duration waiting) {
  const auto sent = co_await connection.send(pieces, waiting);
  if (!sent) {
    if (sent.error().code() != Errc::cancelled) co_return sent;
    // A server that does not want the body answers and closes; the answer may be there.
    connection.never_reuse();
    const auto refused = co_await connection.read_head(false, waiting);
    co_return refused ? refused : sent;
  }
  const auto read = co_await connection.read_head(false, waiting);
  if (read || read.error().code() != Errc::timeout) co_return read;
  co_return fail(Errc::timeout, "the server did not begin to answer within {} ms; limits.responseTimeout sets that",
                 std::chrono::duration_cast<std::chrono::milliseconds>(waiting).count());
}

// The boundary between two JSON documents on lines of their own, which some servers send as one body: between } and {
// a text that is one document always has a comma.
std::size_t document_end(std::string_view text) {
  for (std::size_t at = text.find("}\n"); at != std::string_view::npos; at = text.find("}\n", at + 1)) {
    const std::size_t next = text.find_first_not_of(" \t\r\n", at + 1);
    if (next != std::string_view::npos && text[next] == '{') return at + 1;
  }
  return text.size();
}

}  // namespace

Answer::Answer(upstream::Pool::Lease lease) : lease_(std::move(lease)) {
  const http::ResponseHead& head = lease_->head();
  status_ = head.status;
  const std::string_view type = head.fields.get(Name::content_type);
  if (http::is_media_type(type, "application/json")) type_ = Type::json;
  if (http::is_media_type(type, "text/event-stream")) type_ = Type::events;
  session_ = head.fields.get(Name::mcp_session_id);
}

std::optional<Result<std::string_view>> Answer::body_at_hand(std::size_t max) {
  if (lease_->head().framing == http::Framing::length && lease_->head().content_length > max) {
    return fail(Errc::too_large, "the server's answer is larger than {} bytes", max);
  }
  if (!lease_->body_arrived()) return {};
  auto reading = lease_->read_body(Duration::zero());
  GW_CHECK(reading.await_ready());
  return reading.await_resume();
}

Task<Result<std::string_view>> Answer::body(std::string& storage, std::size_t max, Duration waiting) {
  if (const auto whole = body_at_hand(max)) co_return *whole;
  while (true) {
    GW_CO_TRY(const std::string_view part, co_await lease_->read_body(waiting));
    if (part.empty()) break;
    if (storage.size() + part.size() > max) {
      co_return fail(Errc::too_large, "the server's answer is larger than {} bytes", max);
    }
    storage += part;
  }
  co_return std::string_view(storage);
}

Task<std::expected<Answer, NoAnswer>> send(Outbound& outbound, HttpRequest request) {
  const std::string head = build_head(request);
  std::array<std::string_view, 6> pieces{head};
  GW_CHECK(request.body.size() < pieces.size());
  std::copy(request.body.begin(), request.body.end(), pieces.begin() + 1);
  const std::span<const std::string_view> all(pieces.data(), request.body.size() + 1);

  while (true) {
    auto lease = co_await outbound.pool.acquire(request.endpoint, request.route.connect_timeout);
    if (!lease) co_return std::unexpected(NoAnswer{lease.error(), false});
    const bool reused = lease->reused();
    const auto answered = co_await exchange_heads(**lease, all, request.waiting);
    if (answered) co_return Answer(*std::move(lease));
    const bool closed = answered.error().code() == Errc::cancelled;
    // The server closed an idle connection at the moment when it was used again. Asking again is safe for some.
    if (closed && reused && request.repeatable) continue;
    co_return std::unexpected(NoAnswer{
        closed ? Error(Errc::upstream, "the server closed the connection without an answer") : answered.error()});
  }
}

Error unexpected_answer(const Answer& answer) {
  const int status = answer.status();
  const std::string line = fmt::format("{} {}", status, http::reason_of(status));
  if (status == 401 || status == 403) {
    return {Errc::forbidden, fmt::format("the server refuses the gateway's credentials ({})", line)};
  }
  if (status == 429 || status == 502 || status == 503 || status == 504) {
    return {Errc::unavailable, fmt::format("the server cannot answer now ({})", line)};
  }
  return {Errc::upstream, answer.ok() ? fmt::format("the server answered {} without a message of the protocol", line)
                                      : fmt::format("the server answered {}", line)};
}

Messages::Messages(Answer answer, std::size_t max_message) : answer_(std::move(answer)), max_message_(max_message) {
  if (answer_.is_events()) events_.emplace(max_message);
}

MaybeTask<Result<std::optional<std::string_view>>> Messages::next(Duration waiting) {
  if (events_) return next_event(waiting);
  if (std::exchange(read_, true)) return next_document(rest_);
  if (const auto body = answer_.body_at_hand(max_message_)) return next_document(*body);
  return wait_for_document(waiting);
}

Task<Messages::Next> Messages::wait_for_document(Duration waiting) {
  co_return next_document(co_await answer_.body(storage_, max_message_, waiting));
}

Messages::Next Messages::next_document(const Result<std::string_view>& body) {
  GW_TRY(rest_, body);
  const std::size_t begin = rest_.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return std::nullopt;
  rest_.remove_prefix(begin);
  const std::size_t end = document_end(rest_);
  const std::string_view document = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return document;
}

Task<Messages::Next> Messages::next_event(Duration waiting) {
  while (true) {
    while (true) {
      auto event = events_->next();
      if (!event) co_return fail(Errc::too_large, "the server's answer: {}", event.error().message());
      if (!*event) break;
      if ((*event)->event == "message" && !(*event)->data.empty()) co_return (*event)->data;
    }
    GW_CO_TRY(const std::string_view part, co_await answer_.part(waiting));
    if (part.empty()) co_return std::nullopt;
    events_->feed(part);
  }
}

}  // namespace gw::peer
