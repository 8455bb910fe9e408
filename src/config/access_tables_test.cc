#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "config/audit_tables.h"
#include "config/limits_tables.h"
#include "config/yaml.h"

namespace gw::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class T>
T read(const schema::Object<T>& object, std::string_view yaml, std::vector<std::string>* problems = nullptr) {
  const auto node = parse_yaml(yaml);
  EXPECT_TRUE(node);
  T value;
  schema::Report report;
  object.table().read(**node, &value, report);
  if (problems) {
    problems->clear();
    for (const auto& problem : report.problems()) problems->push_back(problem.field + ": " + problem.message);
  } else {
    EXPECT_TRUE(report.ok()) << report.problems()[0].message;
  }
  return value;
}

TEST(LimitTable, ReadsEveryField) {
  const auto rule = read(limit_object(), R"(
name: slow-tool
per: [principal, tool]
when:
  users: ["*@example.org"]
  roles: [intern]
  adapters: [media]
  tools: ["render_*"]
rate: 600/1m
burst: 100
concurrency: 2
queue: 20
queueTimeout: 30s
)");
  EXPECT_EQ(rule, (limits::Rule{.name = "slow-tool",
                                .per = {limits::Per::principal, limits::Per::tool},
                                .match = {{"*@example.org"}, {"intern"}, {"media"}, {"render_*"}},
                                .rate = limits::Rate{600, 1min},
                                .burst = 100,
                                .concurrency = 2,
                                .queue = 20,
                                .queue_timeout = 30s}));
  EXPECT_EQ(rate().type->write(&*rule.rate), "600/1m");
}

TEST(LimitTable, ARateIsACountAndADuration) {
  const auto rate_of = [](const std::string& text) {
    return *read(limit_object(), "{name: x, rate: " + text + "}").rate;
  };
  EXPECT_EQ(rate_of("1/1s"), (limits::Rate{1, 1s}));
  EXPECT_EQ(rate_of("'10 / 1h30m'"), (limits::Rate{10, 90min}));
  std::vector<std::string> problems;
  for (const char* bad : {"600", "600/m", "/1m", "0/1m", "1/0s", "-1/1s", "1.5/1s", "1/1m/1s", "many/1m", "''"}) {
    const auto rule = read(limit_object(), std::string("{name: x, rate: ") + bad + "}", &problems);
    EXPECT_THAT(problems, ElementsAre(HasSubstr("is not a rate; write how many in which time, such as 600/1m"))) << bad;
  }
  read(limit_object(), "{name: x, rate: [1]}", &problems);
  EXPECT_THAT(problems, ElementsAre("rate: expected a rate such as \"600/1m\", found a list"));
  read(limit_object(), "{rate: 1/1s}", &problems);
  EXPECT_THAT(problems, ElementsAre(HasSubstr("name")));
}

TEST(AuditTable, ReadsEveryField) {
  const auto options = read(audit_object(), R"(
output: file
path: /var/log/mcp/audit.jsonl
maxBytes: 64MiB
maxFiles: 7
allowedDecisions: false
)");
  EXPECT_EQ(options, (audit::Options{audit::Target::file, "/var/log/mcp/audit.jsonl", 64 << 20, 7, false}));
  EXPECT_EQ(read(audit_object(), "{output: stdout}").target, audit::Target::standard_output);
  EXPECT_EQ(read(audit_object(), "{}"), audit::Options{});
}

}  // namespace
}  // namespace gw::config
