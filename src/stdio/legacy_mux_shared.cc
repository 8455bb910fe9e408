// What LegacyMux does for shared children only: one initialize for all, turns, and what a client leaves behind.
#include <fmt/core.h>

#include <utility>

#include "base/strings.h"
#include "mcp/era.h"
#include "mcp/json_text.h"
#include "stdio/legacy_mux.h"

namespace gw::stdio {
namespace {

// Methods during which servers may ask their client something.
bool may_ask_back(std::string_view method) {
  return method == "tools/call" || method == "prompts/get" || method == "resources/read" || method == "tasks/result";
}

}  // namespace

using mcp::Message;

// The id of a request that no client sent; numbers are those of clients.
std::string LegacyMux::own_id(std::string_view name) {
  return json_quote(fmt::format("mcp-gateway/{}", name));
}

void LegacyMux::send_own(std::string_view name, std::string_view method, std::string_view params) {
  child_.send(fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{}}})", own_id(name), method, params));
}

void LegacyMux::initialize_shared(Client& client, const Message& m,
                                  const std::shared_ptr<streamable::Mailbox>& answers) {
  answers->begin_call();
  const std::string requested =
      mcp::is_json_string(m.requested_version) ? mcp::json_unquote(m.requested_version) : std::string();
  const Waiting waiting{client.id, std::string(m.id), requested, answers};
  if (!initialize_result_.empty()) return answer_initialize(waiting, *mcp::scan(initialize_result_));
  waiting_.push_back(waiting);
  initialize_child();
}

void LegacyMux::initialize_child() {
  if (std::exchange(initializing_, true)) return;
  send_own("initialize", "initialize",
           fmt::format(R"({{"protocolVersion":"{}","capabilities":{{"sampling":{{}},"elicitation":{{}}}},)"
                       R"("clientInfo":{{"name":"mcp-gateway","version":"1"}}}})",
                       mcp::latest_legacy_version));
}

void LegacyMux::take_initialize_result(const Message& m) {
  initializing_ = false;
  if (m.kind == mcp::Kind::response) {
    initialize_result_ = m.text;
    child_.send(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  }
  for (const Waiting& waiting : std::exchange(waiting_, {})) answer_initialize(waiting, m);
}

// `m` may be an error response, which goes to everybody who waits.
void LegacyMux::answer_initialize(const Waiting& waiting, const Message& m) {
  const auto box = waiting.answers.lock();
  if (!box) return;
  std::string_view version_span;
  const std::string version = json_quote(waiting.requested_version);
  if (mcp::is_legacy_version(waiting.requested_version) && version < m.negotiated_version)
    version_span = m.negotiated_version;
  box->put(mcp::splice(m.text, {{m.id, waiting.id}, {version_span, version}}));
  box->end_call();
}

// A client whose turn it is goes on at once, also past the queue: its call may be what the child's question waits for.
bool LegacyMux::may_begin(const Call& call) const {
  if (!may_ask_back(call.method)) return true;
  const auto in_turn = [&](const Call& c) { return may_ask_back(c.method) && c.turn == call.turn; };
  const auto out_of_turn = [&](const Call& c) { return may_ask_back(c.method) && c.turn != call.turn; };
  if (calls_.count(out_of_turn) > 0) return false;
  return queue_.empty() || (call.turn != 0 && calls_.count(in_turn) > 0);
}

void LegacyMux::begin_queued() {
  const auto other_turn = [&](const Call& c) { return may_ask_back(c.method) && c.turn != queue_.front().call.turn; };
  while (!queue_.empty() && calls_.count(other_turn) == 0) begin_first_queued();
}

void LegacyMux::begin_overdue(SteadyTime now) {
  while (!queue_.empty() && queue_.front().since + longest_wait <= now) begin_first_queued();
}

void LegacyMux::begin_first_queued() {
  Queued first = std::move(queue_.front());
  queue_.pop_front();
  begin(std::move(first.call), *mcp::scan(first.text));
}

LegacyMux::Client* LegacyMux::sole_client_with_calls() {
  const auto asks = [](const Call& c) { return may_ask_back(c.method); };
  const Call* const latest = calls_.latest(asks);
  if (!latest) return nullptr;
  const ClientId client = latest->client;
  const bool sole = calls_.count([&](const Call& c) { return asks(c) && c.client != client; }) == 0;
  return sole ? &clients_.at(client) : nullptr;
}

void LegacyMux::drop_client_from_shared(ClientId client) {
  std::erase_if(waiting_, [&](const Waiting& waiting) {
    if (waiting.client != client) return false;
    if (const auto box = waiting.answers.lock()) box->end_call();
    return true;
  });
  for (const std::string& uri : subscriptions_.remove_client(client)) {
    send_own("unsubscribe", "resources/unsubscribe", fmt::format(R"({{"uri":{}}})", uri));
  }
  if (levels_.remove_client(client) && !levels_.lowest().empty()) {
    send_own("level", "logging/setLevel", fmt::format(R"({{"level":{}}})", levels_.lowest()));
  }
}

}  // namespace gw::stdio
