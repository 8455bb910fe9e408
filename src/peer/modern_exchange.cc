#include "peer/modern_exchange.h"

#include "base/strings.h"

namespace gw::peer {
namespace {

std::string fields_for(const Ask& ask) {
  std::string fields = caller_fields(ask);
  fields.append("Mcp-Method: ").append(mcp::encode_header_value(ask.method)).append("\r\n");
  if (!ask.name.empty()) fields.append("Mcp-Name: ").append(mcp::encode_header_value(ask.name)).append("\r\n");
  fields += ask.extra_fields;
  return fields;
}

std::string own_info(const Options& options) {
  return fmt::format(R"({{"name":{},"version":{}}})", json_quote(options.name), json_quote(options.version));
}

// The key that keeps a client's requests on one endpoint: servers may keep the state of a dialogue in memory.
std::string_view affinity_key(const Client& client) {
  return client.who != nullptr && !client.who->user.empty() ? std::string_view(client.who->user) : client.address;
}

// Whether the server's refusal names a request that it could not read, rather than one of ours.
bool answers(const mcp::Message& message, std::uint64_t id) {
  return message.id.empty() || message.id == "null" || parse_unsigned(message.id) == id;
}

}  // namespace

Task<std::expected<Messages, Trouble>> begin_modern(Outbound& outbound, const routing::AdapterRoute& route,
                                                    std::string_view version, const Ask& ask, std::uint64_t id,
                                                    Duration waiting) {
  const Options& options = outbound.shared.options;
  const Client& client = *ask.client;
  const std::string token = ask.wants_progress ? std::to_string(id) : std::string();
  const std::string own = client.info.empty() ? own_info(options) : std::string();
  const RequestText text(id, ask.method, ask.params,
                         meta_members({.version = version,
                                       .client_capabilities = client.capabilities,
                                       .client_info = client.info.empty() ? own : client.info,
                                       .log_level = ask.log_level,
                                       .progress_token = token}));
  const std::string fields = fields_for(ask);
  Trouble last{Error(Errc::unavailable,
                     route.unavailable_reason.empty() ? "none of its endpoints is ready" : route.unavailable_reason),
               false, false, 0};
  for (const routing::Endpoint* endpoint : outbound.selector.for_key(route, affinity_key(client))) {
    if (endpoint->path.empty()) continue;
    auto answer = co_await send(outbound, {.route = route,
                                           .endpoint = *endpoint,
                                           .target = endpoint->path,
                                           .fields = fields,
                                           .version = version,
                                           .body = text.pieces(),
                                           .waiting = waiting,
                                           .repeatable = ask.repeatable});
    if (answer) {
      const int status = answer->status();
      if (status == 401 || status == 403 || !(answer->is_json() || (answer->ok() && answer->is_events()))) {
        co_return std::unexpected(Trouble{unexpected_answer(*answer), status < 400, false, status});
      }
      co_return Messages(*std::move(answer), options.max_message);
    }
    last = {answer.error().error, answer.error().sent, false, 0};
    if (last.accepted) break;
  }
  co_return std::unexpected(last);
}

Task<Attempt> modern_exchange(Outbound& outbound, const routing::AdapterRoute& route, std::string_view version,
                              const Ask& ask, Events& events) {
  const std::uint64_t id = outbound.shared.next_id.fetch_add(1, std::memory_order_relaxed);
  auto messages = co_await begin_modern(outbound, route, version, ask, id, route.response_timeout);
  if (!messages) co_return std::unexpected(messages.error());
  const int status = messages->answer().status();
  const bool events_come = messages->answer().is_events();
  while (true) {
    const auto text = co_await messages->next(events_come ? Duration::max() : route.response_timeout);
    if (!text) co_return std::unexpected(Trouble{text.error(), true, false, 0});
    if (!*text) break;
    const auto message = mcp::scan(**text, {.max_bytes = outbound.shared.options.max_message});
    if (!message) {
      co_return std::unexpected(
          Trouble{{Errc::upstream,
                   fmt::format("the server sent what is no message of the protocol: {}", message.error().message)},
                  status < 400,
                  false,
                  status});
    }
    if (message->kind == mcp::Kind::notification) {
      const auto passed = co_await pass_on(outbound, route.name, *message, id, ask, events);
      if (!passed) co_return std::unexpected(Trouble{passed.error()});
      continue;
    }
    const bool answer = message->kind == mcp::Kind::response || message->kind == mcp::Kind::error_response;
    if (!answer || !answers(*message, id)) continue;  // Nothing that a modern server may send.
    auto outcome = to_outcome(*message);
    if (!outcome) co_return std::unexpected(Trouble{outcome.error()});
    // Refused before the revision was understood: an older server's words for a missing session, say.
    const bool foreign = status >= 400 && parse_unsigned(message->id) != id && outcome->failed &&
                         !is_modern_refusal(outcome->failed->code);
    if (foreign) {
      co_return std::unexpected(Trouble{
          {Errc::upstream, fmt::format("the server answered {}: {}", status, printable(outcome->failed->message))},
          false,
          false,
          status});
    }
    co_return *std::move(outcome);
  }
  co_return std::unexpected(
      Trouble{{Errc::upstream, "the server ended its answer before it was complete"}, status < 400, false, 0});
}

bool is_modern_refusal(int code) {
  return code == mcp::code::header_mismatch || code == mcp::code::missing_client_capability ||
         code == mcp::code::unsupported_protocol_version;
}

}  // namespace gw::peer
