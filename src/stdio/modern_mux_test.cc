#include "stdio/modern_mux.h"

#include <gmock/gmock.h>

#include "stdio/fake_child.h"

namespace gw::stdio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Modern : public ::testing::Test {
 protected:
  struct Posted {
    std::shared_ptr<streamable::Mailbox> box = answers();
    std::uint64_t call = 0;
  };

  Posted post(std::string_view text) {
    Posted posted;
    const auto outcome = mux.post(*mcp::scan(text), posted.box);
    EXPECT_FALSE(outcome.refusal.has_value());
    posted.call = outcome.call;
    return posted;
  }

  FakeChild child;
  ModernMux mux{child};
};

TEST_F(Modern, IdsAndTokensAreMappedAndRestored) {
  const auto a = post(R"({"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"_meta":{"progressToken":7}}})");
  const auto b = post(R"({"jsonrpc":"2.0","id":"x","method":"tools/list","params":{"cursor":""}})");
  EXPECT_THAT(child.received(),
              ElementsAre(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"progressToken":1}}})",
                          R"({"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":""}})"));
  says(mux, R"({"jsonrpc":"2.0","id":2,"result":{"resultType":"complete"}})");
  says(mux, R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":0.5}})");
  says(mux, R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}})");
  EXPECT_THAT(
      all_of(*a.box),
      ElementsAre(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7,"progress":0.5}})",
                  R"({"jsonrpc":"2.0","id":"x","error":{"code":-32602,"message":"no"}})"));
  EXPECT_THAT(all_of(*b.box), ElementsAre(R"({"jsonrpc":"2.0","id":"x","result":{"resultType":"complete"}})"));
}

TEST_F(Modern, ClosingTheResponseCancelsTheCallAtTheChild) {
  const auto a = post(R"({"jsonrpc":"2.0","id":5,"method":"tools/call"})");
  child.received();
  mux.abandon(a.call);
  mux.abandon(a.call);
  EXPECT_THAT(child.received(),
              ElementsAre(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})"));
  EXPECT_EQ(mux.calls(), 0u);
}

constexpr std::string_view listen =
    R"({"jsonrpc":"2.0","id":"l","method":"subscriptions/listen","params":{"notifications":{}}})";

TEST_F(Modern, SubscriptionsGetTheirOwnNotificationsUnderTheirOwnId) {
  const auto a = post(listen);
  const auto b = post(listen);
  says(
      mux,
      R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":2}}})");
  EXPECT_THAT(all_of(*a.box), IsEmpty());
  EXPECT_THAT(
      all_of(*b.box),
      ElementsAre(
          R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"l"}}})"));
  says(
      mux,
      R"({"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":2}}})");
  EXPECT_THAT(
      all_of(*b.box),
      ElementsAre(
          R"({"jsonrpc":"2.0","id":"l","result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":"l"}}})"));
}

TEST_F(Modern, ASubscriptionThatTheServerCancelsEndsWithAResult) {
  const auto a = post(listen);
  says(mux, R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  EXPECT_THAT(all_of(*a.box), ElementsAre(HasSubstr(R"("id":"l","result":{"resultType":"complete")")));
  EXPECT_TRUE(a.box->closed());
}

TEST_F(Modern, LogsGoToTheOneRequestThatAskedForThem) {
  constexpr std::string_view log =
      R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}})";
  constexpr std::string_view with_logs =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"io.modelcontextprotocol/logLevel":"info"}}})";
  const auto silent = post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})");
  const auto asked = post(with_logs);
  says(mux, log);
  EXPECT_THAT(all_of(*silent.box), IsEmpty());
  EXPECT_THAT(all_of(*asked.box), ElementsAre(log));
  const auto another = post(with_logs);
  says(mux, log);
  EXPECT_THAT(all_of(*asked.box), IsEmpty());
  EXPECT_THAT(all_of(*another.box), IsEmpty());
}

TEST_F(Modern, RequestsOfTheServerAreRefused) {
  says(mux, R"({"jsonrpc":"2.0","id":9,"method":"roots/list"})");
  EXPECT_THAT(child.received(), ElementsAre(HasSubstr(R"("id":9,"error":{"code":-32600)")));
}

TEST_F(Modern, WhenTheChildEndsCallsAreAnsweredAndSubscriptionsJustEnd) {
  const auto call = post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})");
  const auto subscription = post(listen);
  mux.child_gone("it was killed");
  EXPECT_THAT(all_of(*call.box), ElementsAre(mcp::error_response("1", -32603, "it was killed")));
  EXPECT_THAT(all_of(*subscription.box), IsEmpty());
  EXPECT_TRUE(subscription.box->closed());
}

}  // namespace
}  // namespace gw::stdio
