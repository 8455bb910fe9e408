#include "stdio/process_starter.h"

#include <gmock/gmock.h>

#include "process/test_support.h"
#include "stdio/child_runner.h"
#include "testing/run.h"

namespace gw::stdio {
namespace {

using namespace process::testing_support;
using ::testing::ElementsAre;

struct Heard final : ChildEvents {
  std::vector<std::string> methods;
  std::string why;
  Event changed;

  void from_child(const mcp::Message& message) override {
    methods.push_back(message.method);
    changed.pulse();
  }
  void child_gone(std::string_view reason) override {
    why = reason;
    changed.pulse();
  }
};

TEST(ProcessStarter, CarriesMessagesBothWaysAndSaysHowTheProcessEnded) {
  run_with_launcher([](process::Launcher& launcher) -> Task<> {
    auto request = shell(
        "read line; echo 'not json'; echo \"$line\" > /dev/stderr; echo '{\"jsonrpc\":\"2.0\",\"method\":\"hello\"}'; "
        "exit 3");
    const auto log = request.log;
    ProcessStarter starter(launcher, *Loop::current(), std::move(request));
    ChildRunner runner(starter, 1 << 20);
    Heard heard;
    runner.send("{\"a\":\n1}");
    co_await runner.run(heard);
    EXPECT_THAT(heard.methods, ElementsAre("hello"));
    EXPECT_EQ(heard.why, "it exited with status 3");
    std::vector<std::string> lines;
    for (const auto& line : log->tail(10)) lines.push_back(line.text);
    EXPECT_THAT(lines, ::testing::UnorderedElementsAre("not json", "{\"a\": 1}"));
  });
}

TEST(ProcessStarter, StoppingClosesTheInputAndTheProcessEnds) {
  run_with_launcher([](process::Launcher& launcher) -> Task<> {
    ProcessStarter starter(launcher, *Loop::current(), shell("echo '{\"jsonrpc\":\"2.0\",\"method\":\"up\"}'; cat"));
    ChildRunner runner(starter, 1 << 20);
    Heard heard;
    TaskGroup group;
    Event ended;
    group.spawn("run", [](ChildRunner& r, Heard& h, Event& e) -> Task<> {
      co_await r.run(h);
      e.set();
    }(runner, heard, ended));
    while (heard.methods.empty()) co_await heard.changed;
    runner.stop();
    co_await ended;
    EXPECT_EQ(heard.why, "it was stopped");
  });
}

TEST(ProcessStarter, AnOverlongMessageEndsTheServer) {
  run_with_launcher([](process::Launcher& launcher) -> Task<> {
    ProcessStarter starter(launcher, *Loop::current(), shell("head -c 5000 /dev/zero | tr '\\0' x; cat"));
    ChildRunner runner(starter, 4096);
    Heard heard;
    co_await runner.run(heard);
    EXPECT_EQ(heard.why, "the server wrote a message larger than 4096 bytes, the limit for one message");
  });
}

}  // namespace
}  // namespace gw::stdio
