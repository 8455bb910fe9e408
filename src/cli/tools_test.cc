// `mcp-gateway tools` against a server that stands in for a gateway.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <sstream>

#include "cli/cli.h"
#include "mcp/json_text.h"
#include "mcp/jsonrpc.h"
#include "runtime/event.h"
#include "runtime/workers.h"
#include "testing/web_server.h"

namespace gw::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* add_tool =
    R"({"name":"add","description":"Adds numbers","inputSchema":{"type":"object","properties":{"a":{"type":"integer","x-mcp-header":"A"}}},"mine":9007199254740993})";
constexpr const char* mail_tool =
    R"({"name":"send_mail","description":"Sends a letter","inputSchema":{"type":"object","properties":{}}})";

struct Asked {
  std::string path;
  std::string method;
  std::string body;
  std::map<std::string, std::string> fields;
};

// Answers on a thread of its own, because commands block theirs.
class Tools : public ::testing::Test {
 protected:
  using Answers = std::function<Task<Result<>>(http::Exchange&, const mcp::Message&)>;

  Tools() {
    worker_.start();
    on_worker([this] {
      server_ = std::make_unique<testing::WebServer>([this](http::Exchange& exchange) { return answer(exchange); });
      url_ = server_->origin();
    });
  }
  ~Tools() override {
    on_worker([this] { server_.reset(); });
    worker_.stop();
  }

  template <class F>
  void on_worker(F function) {
    std::promise<void> done;
    worker_.loop(0).post([&] {
      function();
      done.set_value();
    });
    done.get_future().wait();
  }
  void calls_give(Answers answers) {
    on_worker([&] { answers_ = std::move(answers); });
  }
  void calls_give(std::string result) {
    calls_give([result](http::Exchange& exchange, const mcp::Message& m) -> Task<Result<>> {
      co_return co_await exchange.respond(200, "application/json", mcp::result_response(m.id, result));
    });
  }
  int run(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    on_worker([this] { asked_.clear(); });
    std::vector<const char*> argv{"mcp-gateway", "tools"};
    for (const auto& word : words) argv.push_back(word.c_str());
    const Console console{.out = out_,
                          .err = err_,
                          .environment = [this](const std::string& name) -> std::optional<std::string> {
                            if (name == "MCP_GATEWAY_URL") return url_;
                            return {};
                          },
                          .is_watched = watched_};
    const int code = cli::run(static_cast<int>(argv.size()), argv.data(), {}, console);
    on_worker([] {});  // What it wrote can be read now.
    return code;
  }

  Workers worker_{1};
  std::unique_ptr<testing::WebServer> server_;
  std::string url_;
  std::vector<Asked> asked_;
  bool watched_ = false;
  std::ostringstream out_, err_;

 private:
  Task<Result<>> answer(http::Exchange& exchange) {
    const http::RequestHead& head = exchange.request();
    Asked asked{.path = std::string(head.target), .method = {}, .body = {}, .fields = {}};
    for (const http::Field& field : head.fields.all()) asked.fields.emplace(field.name, field.value);
    GW_CO_TRY(asked.body, co_await exchange.read_whole_body(1 << 20));
    asked_.push_back(asked);
    const auto message = mcp::scan(asked_.back().body);
    if (!message) co_return co_await exchange.respond(400, "text/plain", "no message");
    asked_.back().method = message->method;
    if (message->method != "tools/list") co_return co_await answers_(exchange, *message);
    const bool second = mcp::json_member(message->params, "cursor") == R"("two")";
    co_return co_await exchange.respond(
        200, "application/json",
        mcp::result_response(message->id, second ? fmt::format(R"({{"tools":[{}]}})", mail_tool)
                                                 : fmt::format(R"({{"tools":[{}],"nextCursor":"two"}})", add_tool)));
  }

  Answers answers_;
};

TEST_F(Tools, AllPagesAreListed) {
  EXPECT_EQ(run({"ls"}), exit_ok);
  EXPECT_EQ(out_.str(), "NAME       DESCRIPTION\nadd        Adds numbers\nsend_mail  Sends a letter\n");
  EXPECT_EQ(asked_.size(), 2U);
  EXPECT_EQ(asked_[0].path, "/mcp");
  EXPECT_EQ(asked_[0].fields["MCP-Protocol-Version"], "2026-07-28");
  EXPECT_EQ(asked_[0].fields["Mcp-Method"], "tools/list");
  EXPECT_THAT(asked_[0].body, HasSubstr(R"("io.modelcontextprotocol/clientCapabilities":{})"));
  EXPECT_EQ(run({"ls", "--output", "json"}), exit_ok);
  EXPECT_EQ(out_.str(), fmt::format("[\n{},\n{}\n]\n", add_tool, mail_tool)) << "the server's bytes";
  EXPECT_EQ(run({"ls", "--search", "letters"}), exit_ok);
  EXPECT_EQ(out_.str(), "NAME       DESCRIPTION\nsend_mail  Sends a letter\n");
}

TEST_F(Tools, PlacesArePaths) {
  EXPECT_EQ(run({"ls", "--virtual-server", "team/a b"}), exit_ok);
  EXPECT_EQ(asked_[0].path, "/servers/team/a%20b/mcp");
  EXPECT_EQ(run({"ls", "--adapter", "git"}), exit_ok);
  EXPECT_EQ(asked_[0].path, "/adapters/git/mcp");
  EXPECT_EQ(run({"ls", "--adapter", "git", "--virtual-server", "x"}), exit_failed);
  EXPECT_EQ(run({"ls", "--config", "x.yaml", "--url", url_}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("--config starts a gateway of its own"));
}

TEST_F(Tools, ACallSendsTypedArgumentsAndPrintsTheText) {
  calls_give(R"({"content":[{"type":"text","text":"3"}],"resultType":"complete"})");
  EXPECT_EQ(run({"call", "add", "a=9007199254740993"}), exit_ok);
  EXPECT_EQ(out_.str(), "3\n");
  EXPECT_EQ(err_.str(), "");
  Asked& call = asked_.back();
  EXPECT_THAT(call.body, HasSubstr(R"("name":"add","arguments":{"a":9007199254740993})"));
  EXPECT_THAT(call.body, Not(HasSubstr("progressToken")));
  EXPECT_EQ(call.fields["Mcp-Name"], "add");
  EXPECT_EQ(call.fields["Mcp-Param-A"], "9007199254740993");
  EXPECT_EQ(run({"call", "add", "--args", R"({"a":1})", "a=2", "--output", "json"}), exit_ok);
  EXPECT_EQ(out_.str(), R"({"content":[{"type":"text","text":"3"}],"resultType":"complete"})"
                        "\n");
  EXPECT_THAT(asked_.back().body, HasSubstr(R"("arguments":{"a":2})"));
}

TEST_F(Tools, ProgressAndLogMessagesComeBeforeTheAnswer) {
  calls_give([](http::Exchange& exchange, const mcp::Message& m) -> Task<Result<>> {
    exchange.start(200, std::nullopt);
    exchange.field("Content-Type", "text/event-stream");
    GW_CO_TRY_OK(co_await exchange.write(
        "data: "
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":1,\"progress\":1,"
        "\"total\":2,\"message\":\"half\"}}\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\","
        "\"params\":{\"level\":\"info\",\"data\":{\"a\":1}}}\n\n",
        http::Last::no));
    co_return co_await exchange.write(fmt::format("data: {}\n\n", mcp::result_response(m.id, R"({"content":[]})")),
                                      http::Last::yes);
  });
  watched_ = true;
  EXPECT_EQ(run({"call", "add", "--log-level", "info"}), exit_ok);
  EXPECT_EQ(err_.str(), "… 1/2 half\n[info] {\"a\":1}\n");
  EXPECT_THAT(asked_.back().body, HasSubstr(R"("io.modelcontextprotocol/logLevel":"info","progressToken":1)"));
}

TEST_F(Tools, ACallThatAsksForNothingButPatienceGoesOnWithItsState) {
  calls_give([](http::Exchange& exchange, const mcp::Message& m) -> Task<Result<>> {
    const bool again = mcp::json_member(m.params, "requestState") == R"("s")";
    co_return co_await exchange.respond(
        200, "application/json",
        mcp::result_response(m.id, again ? R"({"content":[{"type":"text","text":"done"}]})"
                                         : R"({"resultType":"input_required","requestState":"s"})"));
  });
  EXPECT_EQ(run({"call", "add"}), exit_ok);
  EXPECT_EQ(out_.str(), "done\n");
}

TEST_F(Tools, FailuresAreASentenceAndOne) {
  EXPECT_EQ(run({"call", "ad"}), exit_failed);
  EXPECT_EQ(err_.str(), "mcp-gateway: there is no tool 'ad'; did you mean 'add'?\n");
  EXPECT_EQ(run({"inspect", "send_mial"}), exit_failed);
  EXPECT_EQ(err_.str(), "mcp-gateway: there is no tool 'send_mial'; did you mean 'send_mail'?\n");
  EXPECT_EQ(run({"inspect", "quite_another"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("'mcp-gateway tools ls' shows which there are"));
  EXPECT_EQ(run({"call", "add", "a=x"}), exit_failed);
  EXPECT_EQ(err_.str(), "mcp-gateway: 'a': 'x' is not an integer\n");
  EXPECT_EQ(run({"call", "add", "--args", "[1]"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("--args is no object"));
  calls_give([](http::Exchange& exchange, const mcp::Message& m) -> Task<Result<>> {
    co_return co_await exchange.respond(400, "application/json", mcp::error_response(m.id, -32602, "wrong\x1b"));
  });
  EXPECT_EQ(run({"call", "add"}), exit_failed);
  EXPECT_EQ(err_.str(), "mcp-gateway: wrong\\x1b\n");
  calls_give([](http::Exchange& exchange, const mcp::Message&) -> Task<Result<>> {
    co_return co_await exchange.respond(401, "application/json", "{}");
  });
  EXPECT_EQ(run({"call", "add", "--token", "hunter2"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("--token-file"));
  EXPECT_EQ(run({"ls", "--url", "http://127.0.0.1:1"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("Start one with 'mcp-gateway serve'"));
}

TEST_F(Tools, ACallThatTakesTooLongIsCancelled) {
  calls_give([](http::Exchange&, const mcp::Message&) -> Task<Result<>> {
    Event never;
    co_await never;
    co_return Result<>();
  });
  EXPECT_EQ(run({"call", "add", "--timeout", "50ms"}), exit_failed);
  EXPECT_EQ(err_.str(), "mcp-gateway: tools/call took longer than 50 ms and was cancelled\n");
}

TEST_F(Tools, UsageErrorsExitWithTwo) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"call"}, {"inspect"}, {"ls", "x"}, {"call", "add", "--timeout", "soon"}}) {
    EXPECT_EQ(run(words), exit_usage);
  }
  EXPECT_THAT(err_.str(), HasSubstr("'soon' is not a duration such as 30s or 2m"));
}

}  // namespace
}  // namespace gw::cli
