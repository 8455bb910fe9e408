#include "net/stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/acceptor.h"
#include "net/fd_stream.h"
#include "net/inproc.h"
#include "net/resolver.h"
#include "runtime/event.h"
#include "testing/run.h"

namespace gw::net {
namespace {

struct Pair {
  std::unique_ptr<FdStream> near;
  std::unique_ptr<FdStream> far;

  Pair() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    near = std::make_unique<FdStream>(*Loop::current(), fds[0]);
    far = std::make_unique<FdStream>(*Loop::current(), fds[1]);
  }
};

Task<std::string> read_until_end(Stream& stream) {
  std::string text;
  char block[1024];
  while (true) {
    const IoResult result = stream.read_some(block);
    if (result.state == IoResult::State::would_block) {
      co_await stream.readable();
    } else if (result.state == IoResult::State::ok) {
      text.append(block, result.bytes);
    } else {
      co_return text;
    }
  }
}

TEST(FdStream, CarriesMoreThanTheKernelBuffersHold) {
  testing::run([]() -> Task<> {
    Pair pair;
    const std::string big(5'000'000, 'x');
    TaskGroup group;
    Event written;
    group.spawn("write",
                [](Stream& to, const std::string& text, std::unique_ptr<FdStream>& owner, Event& done) -> Task<> {
                  const std::array<std::string_view, 3> pieces{"head ", text, " tail"};
                  const auto result = co_await write_all(to, pieces, std::chrono::seconds(30));
                  EXPECT_TRUE(result.has_value());
                  owner.reset();
                  done.set();
                }(*pair.far, big, pair.far, written));
    const std::string text = co_await read_until_end(*pair.near);
    co_await written;
    EXPECT_EQ(text, "head " + big + " tail");
  });
}

TEST(FdStream, AnswersOfACrowdedRoundLeaveAtItsEnd) {
  testing::run([]() -> Task<> {
    std::array<Pair, 5> pairs;
    std::string order;
    TaskGroup group;
    for (Pair& pair : pairs) {
      group.spawn("echo", [](Stream& stream, std::string& seen) -> Task<> {
        char byte;
        while (stream.read_some({&byte, 1}).state == IoResult::State::would_block) co_await stream.readable();
        seen += 'r';
        const std::array<std::string_view, 1> pieces{"answer"};
        const auto written = co_await write_all(stream, pieces, std::chrono::seconds(5));
        EXPECT_TRUE(written.has_value());
        seen += 'w';
      }(*pair.far, order));
    }
    co_await yield();
    for (Pair& pair : pairs) {
      const iovec question{const_cast<char*>("?"), 1};
      EXPECT_EQ(pair.near->write_some({&question, 1}).state, IoResult::State::ok);
    }
    for (Pair& pair : pairs) co_await pair.near->readable();
    EXPECT_EQ(order, "rrrrrwwwww");
  });
}

TEST(FdStream, TellsWhenThePeerGoesWhileNobodyReads) {
  testing::run([]() -> Task<> {
    Pair pair;
    Event gone;
    pair.near->on_hangup([&] { gone.set(); });
    pair.far.reset();
    co_await gone;
    EXPECT_TRUE(pair.near->hung_up());
  });
}

TEST(FdStream, ClosesItselfPastItsDeadline) {
  testing::run([]() -> Task<> {
    Pair pair;
    pair.near->deadline = steady_now();
    co_await pair.near->readable();
    char block[1];
    const IoResult result = pair.near->read_some(block);
    EXPECT_EQ(io_error(result, "read").code(), Errc::timeout);
  });
}

TEST(FdStream, AWaiterMayBeDestroyedWhileItWaits) {
  testing::run([]() -> Task<> {
    Pair pair;
    {
      TaskGroup group;
      group.spawn("reads", [](Stream& stream) -> Task<> { co_await stream.readable(); }(*pair.near));
    }
    const std::array<std::string_view, 1> piece{"x"};
    co_await write_all(*pair.far, piece, std::chrono::seconds(30));
    co_await pair.near->readable();
    char block[4];
    EXPECT_EQ(pair.near->read_some(block).bytes, 1u);
  });
}

TEST(Resolver, ManyWhoAskForOneNameShareTheAnswer) {
  testing::run([]() -> Task<> {
    BlockingPool pool(1);
    Resolver resolver(pool);
    std::size_t answered = 0;
    TaskGroup group;
    const auto ask = [&]() -> Task<> {
      const auto addresses = co_await resolver.resolve("localhost", 80);
      EXPECT_TRUE(addresses.has_value() && !addresses->empty());
      ++answered;
    };
    {
      TaskGroup impatient;
      impatient.spawn("first", ask());
      for (int i = 0; i < 10; ++i) group.spawn("other", ask());
    }
    while (group.size() > 0) co_await yield();
    EXPECT_EQ(answered, 10u) << "the others have their answer although the first has left";
  });
}

TEST(Inproc, ConnectsLoopsOfThisProcess) {
  testing::run([]() -> Task<> {
    std::unique_ptr<Stream> far;
    Event accepted;
    InprocListener listener(*Loop::current(), [&](std::unique_ptr<Stream> stream) {
      far = std::move(stream);
      accepted.set();
    });
    auto near = listener.connect();
    EXPECT_TRUE(near.has_value());
    co_await accepted;
    const std::array<std::string_view, 1> piece{"hello"};
    co_await write_all(**near, piece, std::chrono::seconds(30));
    near->reset();
    EXPECT_EQ(co_await read_until_end(*far), "hello");
  });
}

}  // namespace
}  // namespace gw::net
