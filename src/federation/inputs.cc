#include "federation/inputs.h"

#include "base/strings.h"
#include "federation/results.h"
#include "mcp/json_text.h"
#include "mcp/jsonrpc.h"
#include "runtime/event.h"
#include "runtime/random.h"

namespace gw::federation {
namespace {

using Failure = peer::Outcome::Failure;

constexpr unsigned max_rounds = 8;
constexpr std::size_t max_inputs = 64;
constexpr Duration first_pause = std::chrono::milliseconds(250);  // Before asking again with nothing but its state.

struct Input {
  std::string_view key;  // Raw.
  std::string method;
  std::string params;
};

Failure nonsense(std::string_view what) {
  return {
      mcp::code::internal_error, fmt::format("The server asked for input in a way that is not known: {}.", what), {}};
}

std::expected<std::vector<Input>, Failure> inputs_of(std::string_view requests) {
  std::vector<Input> inputs;
  if (requests.empty()) return inputs;
  if (!mcp::is_json_object(requests)) return std::unexpected(nonsense("inputRequests is no object"));
  mcp::JsonScanner json(requests, 128);
  std::string_view key, value;
  for (json.enter_object(); json.next_member(key) && json.take(value);) {
    const std::string_view method = mcp::json_member(value, "method");
    const std::string_view params = mcp::json_member(value, "params");
    if (!mcp::is_json_string(method)) return std::unexpected(nonsense("an input has no method"));
    inputs.push_back({key, mcp::json_unquote(method), params.empty() ? "{}" : std::string(params)});
  }
  if (inputs.size() > max_inputs) return std::unexpected(nonsense("too many inputs at once"));
  return inputs;
}

// The revision before names each elicitation by URL.
void name_elicitation(Input& input) {
  if (input.method != "elicitation/create" || mcp::json_member(input.params, "mode") != R"("url")") return;
  input.params = with_members(input.params, {{"elicitationId", json_quote(random_hex(16))}});
}

}  // namespace

Task<std::expected<std::string, Failure>> answer_inputs(std::string_view params, std::string_view result,
                                                        unsigned round, peer::Events& events) {
  if (round >= max_rounds) {
    co_return std::unexpected(Failure{mcp::code::internal_error, "The server asked for input too many times.", {}});
  }
  auto inputs = inputs_of(mcp::json_member(result, "inputRequests"));
  if (!inputs) co_return std::unexpected(inputs.error());
  if (inputs->empty()) co_await sleep_for(first_pause * (1U << round));
  std::string responses = "{";
  for (Input& input : *inputs) {
    name_elicitation(input);
    auto answer = co_await events.request(input.method, input.params);
    if (!answer && input.method == "elicitation/create") answer = R"({"action":"cancel"})";
    if (!answer) {
      co_return std::unexpected(
          Failure{mcp::code::internal_error,
                  fmt::format("The client did not answer {}: {}", input.method, printable(answer.error().message)),
                  answer.error().data});
    }
    if (responses.size() > 1) responses += ',';
    responses.append(input.key).append(":").append(*answer);
  }
  responses += '}';
  co_return with_members(params, {{"inputResponses", inputs->empty() ? std::string_view() : responses},
                                  {"requestState", mcp::json_member(result, "requestState")}});
}

}  // namespace gw::federation
