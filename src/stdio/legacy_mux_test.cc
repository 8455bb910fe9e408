#include "stdio/legacy_mux.h"

#include <gmock/gmock.h>

#include "stdio/fake_child.h"

namespace gw::stdio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view initialize =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{"elicitation":{}}}})";

// Posts a message that is not refused; the mailbox gets what belongs to it.
std::shared_ptr<streamable::Mailbox> post(LegacyMux& mux, ClientId client, std::string_view text) {
  const auto message = mcp::scan(text);
  EXPECT_TRUE(message.has_value()) << text;
  auto box = answers();
  if (!message) return box;
  const auto refusal = mux.post(client, *message, box);
  EXPECT_FALSE(refusal.has_value()) << text << refusal->message;
  return box;
}

mcp::Refusal refused(LegacyMux& mux, ClientId client, std::string_view text) {
  const auto refusal = mux.post(client, *mcp::scan(text), answers());
  EXPECT_TRUE(refusal.has_value()) << text;
  return refusal.value_or(mcp::Refusal());
}

class Exclusive : public ::testing::Test {
 protected:
  FakeChild child;
  LegacyMux mux{child, Sharing::exclusive};
  ClientId client = mux.join();
};

TEST_F(Exclusive, PassesBytesUnchangedInBothDirections) {
  constexpr std::string_view request =
      R"({ "id":9007199254740993,"method":"tools\/call","jsonrpc":"2.0","params":{"_meta":{"progressToken":"t"},"x":1.0}})";
  const auto box = post(mux, client, request);
  EXPECT_THAT(child.received(), ElementsAre(request));
  constexpr std::string_view progress =
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken": "t" ,"progress":1}})";
  constexpr std::string_view response =
      R"({"result":{"big":12345678901234567890},"id":9007199254740993,"jsonrpc":"2.0"})";
  says(mux, progress);
  says(mux, response);
  EXPECT_THAT(all_of(*box), ElementsAre(progress, response));
  EXPECT_TRUE(box->closed());
}

TEST_F(Exclusive, MatchesIdsHoweverTheServerSpellsThem) {
  const auto number = post(mux, client, R"({"jsonrpc":"2.0","id":1,"method":"a"})");
  const auto text = post(mux, client, R"({"jsonrpc":"2.0","id":"1/x","method":"b"})");
  says(mux, R"({"jsonrpc":"2.0","id":"1\/x","result":{}})");
  EXPECT_THAT(all_of(*text), ElementsAre(R"({"jsonrpc":"2.0","id":"1/x","result":{}})"));
  EXPECT_THAT(all_of(*number), IsEmpty());
}

TEST_F(Exclusive, RefusesAnIdThatIsStillInUse) {
  const auto box = post(mux, client, R"({"jsonrpc":"2.0","id":1,"method":"a"})");
  EXPECT_EQ(refused(mux, client, R"({"jsonrpc":"2.0","id":1,"method":"b"})").code, mcp::code::invalid_request);
}

TEST_F(Exclusive, RefusesRequestsWhileTheChildDoesNotRead) {
  child.is_congested = true;
  EXPECT_EQ(refused(mux, client, R"({"jsonrpc":"2.0","id":1,"method":"b"})").http_status, 503);
}

TEST_F(Exclusive, RefusesNotificationsWhileTheChildDoesNotRead) {
  child.is_congested = true;
  EXPECT_EQ(refused(mux, client, R"({"jsonrpc":"2.0","method":"notifications/x"})").http_status, 503);
  EXPECT_THAT(child.received(), IsEmpty());
}

TEST_F(Exclusive, ACallWhoseClientHasGoneDoesNotKeepTheSessionInUse) {
  auto box = post(mux, client, R"({"jsonrpc":"2.0","id":1,"method":"hang"})");
  EXPECT_TRUE(mux.in_use(client));
  box.reset();
  EXPECT_FALSE(mux.in_use(client));
}

TEST_F(Exclusive, ServerRequestsGoOutOnTheCallAndAnswersComeBack) {
  const auto open = stream();
  mux.attach_stream(client, open);
  const auto box = post(mux, client, R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})");
  child.received();
  constexpr std::string_view ask = R"({"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":{}})";
  says(mux, ask);
  EXPECT_THAT(all_of(*box), ElementsAre(ask));
  EXPECT_THAT(all_of(*open), IsEmpty());
  constexpr std::string_view reply = R"({"jsonrpc":"2.0","id":0,"result":{"action":"accept"}})";
  post(mux, client, reply);
  post(mux, client, reply);  // A second answer goes nowhere.
  EXPECT_THAT(child.received(), ElementsAre(reply));
}

TEST_F(Exclusive, WhatComesBeforeAStreamIsOpenWaitsForIt) {
  constexpr std::string_view ask = R"({"jsonrpc":"2.0","id":"r","method":"roots/list"})";
  says(mux, ask);
  EXPECT_THAT(child.received(), IsEmpty());
  const auto open = stream();
  mux.attach_stream(client, open);
  EXPECT_THAT(all_of(*open), ElementsAre(ask));
}

TEST_F(Exclusive, TheBacklogIsBoundedAndRequestsThatDoNotFitAreAnswered) {
  for (int i = 0; i < 64; ++i) says(mux, R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  says(mux, R"({"jsonrpc":"2.0","id":5,"method":"roots/list"})");
  EXPECT_THAT(child.received(), ElementsAre(HasSubstr(R"("id":5,"error")")));
}

TEST_F(Exclusive, PingsOfTheServerAreAnsweredHere) {
  says(mux, R"({"jsonrpc":"2.0","id":"p","method":"ping"})");
  EXPECT_THAT(child.received(), ElementsAre(R"({"jsonrpc":"2.0","id":"p","result":{}})"));
}

TEST_F(Exclusive, ANewStreamReplacesTheOldOne) {
  const auto first = stream();
  const auto second = stream();
  mux.attach_stream(client, first);
  mux.attach_stream(client, second);
  EXPECT_TRUE(first->closed());
  constexpr std::string_view changed = R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})";
  says(mux, changed);
  EXPECT_THAT(all_of(*second), ElementsAre(changed));
}

TEST_F(Exclusive, ACancelledCallEndsWithoutAnAnswer) {
  const auto box = post(mux, client, R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})");
  child.received();
  constexpr std::string_view cancel =
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})";
  post(mux, client, cancel);
  EXPECT_THAT(child.received(), ElementsAre(cancel));
  EXPECT_TRUE(box->closed());
  says(mux, R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_THAT(all_of(*box), IsEmpty());
}

TEST_F(Exclusive, InitializeIsNotCancellable) {
  const auto box = post(mux, client, initialize);
  child.received();
  post(mux, client, R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":0}})");
  EXPECT_THAT(child.received(), IsEmpty());
  EXPECT_FALSE(box->closed());
}

TEST_F(Exclusive, AResponseWhoseClientHasHungUpIsDroppedAndTheCallIsNotCancelled) {
  auto box = post(mux, client, R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})");
  child.received();
  box.reset();
  says(mux, R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_THAT(child.received(), IsEmpty());
}

TEST_F(Exclusive, WhenTheChildEndsEveryCallIsAnsweredAndStreamsEnd) {
  const auto open = stream();
  mux.attach_stream(client, open);
  const auto box = post(mux, client, R"({"jsonrpc":"2.0","id":"x","method":"tools/call"})");
  mux.child_gone("it exited with status 3");
  EXPECT_THAT(all_of(*box), ElementsAre(mcp::error_response("\"x\"", -32603, "it exited with status 3")));
  EXPECT_TRUE(box->closed());
  EXPECT_TRUE(open->closed());
}

class Shared : public ::testing::Test {
 protected:
  // A client whose initialize was answered.
  ClientId initialized(std::string_view text = initialize) {
    const ClientId client = mux.join();
    const auto box = post(mux, client, text);
    if (!std::exchange(ready, true)) {
      says(
          mux,
          R"({"jsonrpc":"2.0","id":"mcp-gateway/initialize","result":{"protocolVersion":"2025-11-25","capabilities":{}}})");
    }
    EXPECT_TRUE(box->closed());
    child.received();
    return client;
  }

  bool ready = false;
  FakeChild child;
  LegacyMux mux{child, Sharing::shared};
};

TEST_F(Shared, InitializesTheChildOnceAndAnswersEveryClientInItsOwnRevision) {
  const ClientId a = mux.join();
  const ClientId b = mux.join();
  const auto box_a = post(mux, a, initialize);
  const auto box_b =
      post(mux, b, R"({"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2099-01-01"}})");
  EXPECT_THAT(child.received(), ElementsAre(HasSubstr(R"("method":"initialize")")));
  says(
      mux,
      R"({"jsonrpc":"2.0","id":"mcp-gateway/initialize","result":{"protocolVersion":"2025-11-25","capabilities":{}}})");
  EXPECT_THAT(child.received(), ElementsAre(R"({"jsonrpc":"2.0","method":"notifications/initialized"})"));
  EXPECT_THAT(all_of(*box_a),
              ElementsAre(R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{}}})"));
  EXPECT_THAT(all_of(*box_b),
              ElementsAre(R"({"jsonrpc":"2.0","id":"i","result":{"protocolVersion":"2025-11-25","capabilities":{}}})"));
  post(mux, a, R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  const auto box_c = post(mux, mux.join(), initialize);
  EXPECT_EQ(all_of(*box_c).size(), 1u);
  EXPECT_THAT(child.received(), IsEmpty());
}

TEST_F(Shared, EqualIdsAndTokensOfTwoClientsDoNotMeet) {
  constexpr std::string_view plain = R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{}}})";
  const ClientId a = initialized(plain);
  const ClientId b = initialized(plain);
  const auto box_a =
      post(mux, a, R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"progressToken":"p"}}})");
  const auto box_b =
      post(mux, b, R"({"jsonrpc":"2.0","id":"1","method":"tools/call","params":{"_meta":{"progressToken":"p"}}})");
  EXPECT_THAT(child.received(),
              ElementsAre(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"progressToken":1}}})",
                          R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"_meta":{"progressToken":2}}})"));
  says(mux, R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":1}})");
  says(mux, R"({"jsonrpc":"2.0","id":2,"result":{"n":2}})");
  says(mux, R"({"jsonrpc":"2.0","id":1,"result":{"n":1}})");
  EXPECT_THAT(all_of(*box_a), ElementsAre(R"({"jsonrpc":"2.0","id":1,"result":{"n":1}})"));
  EXPECT_THAT(
      all_of(*box_b),
      ElementsAre(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}})",
                  R"({"jsonrpc":"2.0","id":"1","result":{"n":2}})"));
}

TEST_F(Shared, AClientCancelsOnlyItsOwnCalls) {
  const ClientId a = initialized();
  const ClientId b = initialized();
  const auto box_a = post(mux, a, R"({"jsonrpc":"2.0","id":7,"method":"tools/call"})");
  child.received();
  constexpr std::string_view cancel =
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})";
  post(mux, b, cancel);
  EXPECT_THAT(child.received(), IsEmpty());
  post(mux, a, cancel);
  EXPECT_THAT(child.received(),
              ElementsAre(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})"));
}

constexpr std::string_view ask = R"({"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":{}})";

TEST_F(Shared, AServerRequestGoesToTheClientWhoseCallIsInFlightAndOnlyThatOneMayAnswer) {
  const ClientId a = initialized();
  const ClientId b = initialized();
  const auto box_a = post(mux, a, R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})");
  const auto box_b = post(mux, b, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
  child.received();
  says(mux, ask);
  EXPECT_THAT(all_of(*box_a), ElementsAre(ask));
  constexpr std::string_view reply = R"({"jsonrpc":"2.0","id":0,"result":{"action":"accept"}})";
  post(mux, b, reply);
  EXPECT_THAT(child.received(), IsEmpty());
  post(mux, a, reply);
  EXPECT_THAT(child.received(), ElementsAre(reply));
}

constexpr std::string_view tool_call = R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})";

TEST_F(Shared, CallsOfClientsThatCanBeAskedTakeTurns) {
  const ClientId a = initialized();
  const ClientId b = initialized();
  const auto box_a = post(mux, a, tool_call);
  const auto box_b = post(mux, b, tool_call);
  EXPECT_EQ(child.received().size(), 1u);
  const auto second_of_a = post(mux, a, R"({"jsonrpc":"2.0","id":2,"method":"tools/call"})");
  EXPECT_EQ(child.received().size(), 1u) << "its own turn";
  says(mux, ask);
  EXPECT_THAT(all_of(*box_b), IsEmpty());
  says(mux, R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_THAT(child.received(), IsEmpty());
  says(mux, R"({"jsonrpc":"2.0","id":3,"result":{}})");
  EXPECT_THAT(child.received(), ElementsAre(HasSubstr(R"("id":2,)")));
  EXPECT_FALSE(mux.has_waiting());
  says(mux, R"({"jsonrpc":"2.0","id":9,"method":"elicitation/create","params":{}})");
  EXPECT_EQ(all_of(*box_b).size(), 1u);
}

TEST_F(Shared, CallsOfClientsThatCannotBeAskedRunAtOnceButNotBesideThoseThatCan) {
  constexpr std::string_view plain = R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{}}})";
  const ClientId a = initialized(plain);
  const ClientId b = initialized(plain);
  const ClientId c = initialized();
  const auto box_a = post(mux, a, tool_call);
  const auto box_b = post(mux, b, tool_call);
  EXPECT_EQ(child.received().size(), 2u);
  const auto box_c = post(mux, c, tool_call);
  EXPECT_THAT(child.received(), IsEmpty());
  mux.leave(a);
  mux.leave(b);
  EXPECT_THAT(child.received(), ::testing::Contains(HasSubstr(R"("id":3,"method":"tools/call")")));
}

TEST_F(Shared, AWaitingCallCanBeCancelledAndGoesWithItsClient) {
  const ClientId a = initialized();
  const ClientId b = initialized();
  const ClientId c = initialized();
  const auto box_a = post(mux, a, tool_call);
  const auto box_b = post(mux, b, tool_call);
  const auto box_c = post(mux, c, tool_call);
  child.received();
  post(mux, b, R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  mux.leave(c);
  EXPECT_TRUE(box_b->closed());
  EXPECT_TRUE(box_c->closed());
  EXPECT_FALSE(mux.has_waiting());
  EXPECT_THAT(child.received(), IsEmpty());
}

TEST_F(Shared, NobodyWaitsForLongAndThenAQuestionThatMayBelongToSeveralIsRefused) {
  const ClientId a = initialized();
  const ClientId b = initialized();
  const auto box_a = post(mux, a, tool_call);
  const auto box_b = post(mux, b, tool_call);
  child.received();
  mux.begin_overdue(steady_now());
  EXPECT_THAT(child.received(), IsEmpty());
  mux.begin_overdue(steady_now() + LegacyMux::longest_wait);
  EXPECT_EQ(child.received().size(), 1u);
  says(mux, ask);
  EXPECT_THAT(child.received(), ElementsAre(HasSubstr(R"("id":0,"error":{"code":-32602)")));
  EXPECT_THAT(all_of(*box_a), IsEmpty());
  EXPECT_THAT(all_of(*box_b), IsEmpty());
}

TEST_F(Shared, AClientIsNotAskedWhatItCannotDo) {
  const ClientId a = initialized();
  const auto box = post(mux, a, R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})");
  child.received();
  says(mux, R"({"jsonrpc":"2.0","id":0,"method":"sampling/createMessage","params":{}})");
  EXPECT_THAT(child.received(), ElementsAre(HasSubstr("does not support sampling")));
}

TEST_F(Shared, ListChangesGoToAllAndResourceUpdatesToSubscribers) {
  const ClientId a = initialized();
  const ClientId b = initialized();
  const auto stream_a = stream();
  const auto stream_b = stream();
  mux.attach_stream(a, stream_a);
  mux.attach_stream(b, stream_b);
  post(mux, a, R"({"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"x:1"}})");
  says(mux, R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x:1"}})");
  EXPECT_EQ(all_of(*stream_a).size(), 1u);
  EXPECT_THAT(all_of(*stream_b), IsEmpty());
  says(mux, R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  EXPECT_EQ(all_of(*stream_a).size(), 1u);
  EXPECT_EQ(all_of(*stream_b).size(), 1u);
}

TEST_F(Shared, ASubscriptionEndsAtTheChildWithItsLastSubscriber) {
  const ClientId a = initialized();
  const ClientId b = initialized();
  for (const ClientId c : {a, b}) {
    const auto box = post(mux, c, R"({"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"x:1"}})");
  }
  says(mux, R"({"jsonrpc":"2.0","id":1,"result":{}})");
  says(mux, R"({"jsonrpc":"2.0","id":2,"result":{}})");
  child.received();
  const auto box = post(mux, a, R"({"jsonrpc":"2.0","id":2,"method":"resources/unsubscribe","params":{"uri":"x:1"}})");
  EXPECT_THAT(all_of(*box), ElementsAre(R"({"jsonrpc":"2.0","id":2,"result":{}})"));
  EXPECT_THAT(child.received(), IsEmpty());
  mux.leave(b);
  EXPECT_THAT(child.received(), ElementsAre(HasSubstr(R"("method":"resources/unsubscribe","params":{"uri":"x:1"})")));
}

TEST_F(Shared, TheChildLogsAtTheLowestLevelAndEachClientGetsItsOwn) {
  const ClientId a = initialized();
  const ClientId b = initialized();
  const auto stream_a = stream();
  const auto stream_b = stream();
  mux.attach_stream(a, stream_a);
  mux.attach_stream(b, stream_b);
  post(mux, a, R"({"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"info"}})");
  post(mux, b, R"({"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"error"}})");
  EXPECT_THAT(child.received(),
              ElementsAre(R"({"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"info"}})",
                          R"({"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"info"}})"));
  says(mux, R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"notice","data":1}})");
  EXPECT_EQ(all_of(*stream_a).size(), 1u);
  EXPECT_THAT(all_of(*stream_b), IsEmpty());
  mux.leave(a);
  EXPECT_THAT(child.received(), ::testing::Contains(HasSubstr(R"("params":{"level":"error"})")));
}

TEST_F(Shared, AClientThatLeavesCancelsItsCallsAndFreesTheChildFromItsQuestions) {
  const ClientId a = initialized();
  const auto box = post(mux, a, R"({"jsonrpc":"2.0","id":"q","method":"tools/call"})");
  says(mux, ask);
  child.received();
  mux.leave(a);
  EXPECT_THAT(child.received(), ElementsAre(HasSubstr(R"("params":{"requestId":1,)"), HasSubstr(R"("id":0,"error")")));
  EXPECT_TRUE(box->closed());
  EXPECT_EQ(mux.clients(), 0u);
  says(mux, R"({"jsonrpc":"2.0","id":1,"result":{}})");
}

TEST_F(Shared, WhenTheChildEndsBeforeInitializeEveryoneIsTold) {
  const auto box = post(mux, mux.join(), initialize);
  mux.child_gone("it exited with status 1");
  EXPECT_THAT(all_of(*box), ElementsAre(HasSubstr("exited with status 1")));
  EXPECT_TRUE(box->closed());
}

}  // namespace
}  // namespace gw::stdio
