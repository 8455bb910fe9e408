#include "streamable/mailbox.h"

#include <gtest/gtest.h>

namespace gw::streamable {
namespace {

TEST(Mailbox, ClosesWhenTheLastOfItsCallsIsAnswered) {
  Mailbox box(Mailbox::Ends::with_its_calls);
  box.begin_call();
  box.begin_call();
  box.put("a");
  box.end_call();
  EXPECT_FALSE(box.closed());
  box.put("b");
  box.end_call();
  EXPECT_TRUE(box.closed());
  EXPECT_EQ(box.take(), "a");
  EXPECT_EQ(box.take(), "b");
  EXPECT_EQ(box.take(), std::nullopt);
  EXPECT_TRUE(box.ready().is_set());
}

TEST(Mailbox, KnowsTheStatusOfAnAnswerThatIsNoStream) {
  Mailbox box(Mailbox::Ends::with_its_calls);
  EXPECT_EQ(box.status(), 200);
  box.set_status(404);
  EXPECT_EQ(box.status(), 404);
}

TEST(Mailbox, AnOpenStreamOutlivesItsCalls) {
  Mailbox box(Mailbox::Ends::when_told);
  box.begin_call();
  box.put("a");
  box.end_call();
  EXPECT_FALSE(box.closed());
  EXPECT_EQ(box.take(), "a");
  EXPECT_FALSE(box.ready().is_set());
}

TEST(Mailbox, AReaderThatIsTooSlowIsCutOffButOneLargeMessagePasses) {
  Mailbox box(Mailbox::Ends::when_told, 10);
  box.put(std::string(100, 'x'));
  EXPECT_EQ(box.take()->size(), 100u);
  box.put("12345678");
  box.put("9abc");
  EXPECT_TRUE(box.overflowed());
  EXPECT_TRUE(box.closed());
  EXPECT_TRUE(box.empty());
}

}  // namespace
}  // namespace gw::streamable
