// Commands that ask a running gateway, against a server that stands in for one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <map>
#include <sstream>

#include "cli/cli.h"
#include "runtime/workers.h"
#include "testing/web_server.h"

namespace gw::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Canned {
  int status = 200;
  std::string body;
};

// Answers on a thread of its own, because commands block theirs.
class Remote : public ::testing::Test {
 protected:
  Remote() {
    std::string name = fs::temp_directory_path() / "gw-remote-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    worker_.start();
    on_worker([this] {
      server_ = std::make_unique<testing::WebServer>([this](http::Exchange& exchange) { return answer(exchange); });
      environment_["MCP_GATEWAY_URL"] = server_->origin();
    });
  }
  ~Remote() override {
    on_worker([this] { server_.reset(); });
    worker_.stop();
    fs::remove_all(folder_);
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
  int run(std::vector<std::string> words, std::optional<std::string> secret = {}) {
    out_.str("");
    err_.str("");
    on_worker([this] { asked_.clear(); });
    std::vector<const char*> argv{"mcp-gateway"};
    for (const auto& word : words) argv.push_back(word.c_str());
    const Console console{.out = out_,
                          .err = err_,
                          .environment = [this](const std::string& name) -> std::optional<std::string> {
                            const auto found = environment_.find(name);
                            if (found == environment_.end()) return {};
                            return found->second;
                          },
                          .read_secret = [&](std::string_view) -> Result<SecretString> {
                            if (!secret) return fail(Errc::cancelled, "nothing was given on standard input");
                            return SecretString(*secret);
                          }};
    const int code = cli::run(static_cast<int>(argv.size()), argv.data(), {}, console);
    on_worker([] {});  // What it wrote can be read now.
    return code;
  }
  void answers(int status, std::string body) {
    on_worker([&] { canned_ = {status, std::move(body)}; });
  }

  Workers worker_{1};
  std::unique_ptr<testing::WebServer> server_;
  fs::path folder_;
  std::map<std::string, std::string> environment_;
  std::ostringstream out_;
  std::ostringstream err_;
  // Of the last request: "POST /keys Bearer x {body}".
  std::string asked_;

 private:
  Task<Result<>> answer(http::Exchange& exchange) {
    const http::RequestHead& head = exchange.request();
    std::string asked =
        fmt::format("{} {} {} ", head.method_text, head.target, head.fields.get(http::Name::authorization));
    GW_CO_TRY(const std::string body, co_await exchange.read_whole_body(1 << 20));
    asked_ = asked + body;
    const char* type = canned_.status < 300 ? "application/json" : "application/problem+json";
    co_return co_await exchange.respond(canned_.status, canned_.body.empty() ? "" : type, canned_.body);
  }

  Canned canned_;
};

TEST_F(Remote, AKeyIsMadeAndAloneOnStandardOutput) {
  answers(201, R"({"id":"abc","name":"ci","key":"mcpg_abc_x"})");
  environment_["MCP_GATEWAY_TOKEN"] = "t1";
  EXPECT_EQ(run({"keys", "create", "ci", "--role", "a", "--role", "b", "--expires-in", "90d"}), exit_ok);
  EXPECT_EQ(asked_, R"(POST /keys Bearer t1 {"name":"ci","roles":["a","b"],"expiresIn":"90d"})");
  EXPECT_EQ(out_.str(), "mcpg_abc_x\n");
  EXPECT_THAT(err_.str(), HasSubstr("key abc was made; it is not shown again"));
  EXPECT_EQ(run({"keys", "create", "ci", "--output", "json"}), exit_ok);
  EXPECT_THAT(out_.str(), HasSubstr("\"key\": \"mcpg_abc_x\""));
}

TEST_F(Remote, ListsAreTablesThatDoNotTrustTheGateway) {
  answers(200,
          R"([{"id":"abc","name":"c\u001b[31m","roles":["a","b"],"createdBy":"ann","createdAt":"T","expiresAt":null},)"
          R"({"id":"d","name":"long name","roles":[],"createdBy":"bob","createdAt":"T","expiresAt":"E"}])");
  EXPECT_EQ(run({"keys", "ls"}), exit_ok);
  EXPECT_EQ(out_.str(),
            "ID   NAME       ROLES  CREATED BY  CREATED  EXPIRES\n"
            "abc  c\\x1b[31m  a,b    ann         T        -\n"
            "d    long name  -      bob         T        E\n");
  EXPECT_EQ(asked_, "GET /keys  ");
  EXPECT_EQ(run({"keys", "ls", "--output", "json"}), exit_ok);
  EXPECT_THAT(out_.str(), HasSubstr("\"createdBy\": \"ann\""));
  answers(200, R"([{"name":"git","origin":"file","transport":"stdio","createdBy":"configuration"}])");
  EXPECT_EQ(run({"adapters", "ls"}), exit_ok);
  EXPECT_THAT(out_.str(), HasSubstr("git   file    stdio"));
}

TEST_F(Remote, WhatIsRemovedIsNamedInThePath) {
  answers(204, "");
  EXPECT_EQ(run({"keys", "revoke", "a/b"}), exit_ok);
  EXPECT_EQ(asked_, "DELETE /keys/a%2Fb  ");
  EXPECT_EQ(out_.str(), "revoked a/b\n");
  EXPECT_EQ(run({"secrets", "rm", "token", "--output", "json"}), exit_ok);
  EXPECT_EQ(asked_, "DELETE /secrets/token  ");
  EXPECT_THAT(out_.str(), HasSubstr("\"removed\": \"token\""));
}

TEST_F(Remote, ASecretComesFromStandardInputOnly) {
  answers(201, R"({"name":"token","createdAt":"T","lastUpdatedAt":"T"})");
  EXPECT_EQ(run({"secrets", "set", "token"}, "hunter2"), exit_ok);
  EXPECT_EQ(asked_, R"(PUT /secrets/token  {"value":"hunter2"})");
  EXPECT_EQ(out_.str(), "set token\n");
  EXPECT_EQ(run({"secrets", "set", "token", "hunter2"}), exit_usage);
  EXPECT_EQ(run({"secrets", "set", "token"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("nothing was given on standard input"));
  EXPECT_EQ(run({"secrets", "set", "token"}, "\xff"), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("not UTF-8"));
  EXPECT_EQ(asked_, "");
}

TEST_F(Remote, OptionsWinOverTheEnvironment) {
  answers(200, "[]");
  const std::string url = environment_["MCP_GATEWAY_URL"] + "/";
  environment_ = {{"MCP_GATEWAY_URL", "http://127.0.0.1:1"}, {"MCP_GATEWAY_TOKEN", "environment"}};
  std::ofstream(folder_ / "token") << "from-file\n";
  EXPECT_EQ(run({"secrets", "ls", "--url", url, "--token-file", folder_ / "token"}), exit_ok);
  EXPECT_EQ(asked_, "GET /secrets Bearer from-file ");
  EXPECT_EQ(run({"secrets", "ls", "--url", url, "--token", "given"}), exit_ok);
  EXPECT_EQ(asked_, "GET /secrets Bearer given ");
  EXPECT_EQ(run({"secrets", "ls", "--token", "a", "--token-file", "b"}), exit_usage);
  EXPECT_EQ(run({"secrets", "ls", "--token-file", folder_ / "none"}), exit_failed);
  EXPECT_EQ(run({"secrets", "ls", "--url", url, "--token", "a\r\nX: y"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("the token has a line end"));
}

TEST_F(Remote, ProblemsAreOneLineWithoutTheToken) {
  answers(403, R"({"status":403,"detail":"only administrators may do\nthis"})");
  EXPECT_EQ(run({"secrets", "ls", "--token", "hunter2"}), exit_failed);
  EXPECT_EQ(err_.str(), "mcp-gateway: only administrators may do\\x0athis\n");
  answers(401, "");
  EXPECT_EQ(run({"secrets", "ls", "--token", "hunter2"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("--token-file"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("hunter2")));
  answers(502, "<html>");
  EXPECT_EQ(run({"keys", "ls"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("answered 502 Bad Gateway; is it an mcp-gateway?"));
  answers(200, "<html>");
  EXPECT_EQ(run({"keys", "ls"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("something else than JSON"));
  EXPECT_EQ(run({"keys", "ls", "--url", "http://127.0.0.1:1"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("127.0.0.1:1"));
  EXPECT_EQ(run({"keys", "ls", "--url", "nonsense"}), exit_failed);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(Remote, UsageErrorsExitWithTwo) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"keys"},
                                                {"keys", "create"},
                                                {"keys", "revoke"},
                                                {"secrets", "set"},
                                                {"secrets", "st", "x"}}) {
    EXPECT_EQ(run(words), exit_usage) << words.back();
  }
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'set'?"));
}

}  // namespace
}  // namespace gw::cli
