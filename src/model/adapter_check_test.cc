#include "model/adapter_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

AdapterSpec url_adapter() {
  AdapterSpec spec{.name = "docs"};
  spec.url = UrlSource{.url = "https://example.org/mcp"};
  return spec;
}

AdapterSpec command_adapter() {
  AdapterSpec spec{.name = "files", .transport = Transport::stdio};
  spec.command = CommandSource{.command = "node"};
  return spec;
}

std::vector<std::string> fields_of(const AdapterSpec& spec) {
  std::vector<std::string> fields;
  for (const auto& problem : check_adapter(spec)) fields.push_back(problem.field);
  return fields;
}

TEST(AdapterCheck, SoundAdaptersPass) {
  EXPECT_THAT(fields_of(url_adapter()), IsEmpty());
  EXPECT_THAT(fields_of(command_adapter()), IsEmpty());
  AdapterSpec image{.name = "1-image"};
  image.image = ImageSource{.name = "team/mcp-example", .version = "v1.0_x"};
  EXPECT_THAT(fields_of(image), IsEmpty());
}

TEST(AdapterCheck, NamesAreLegalInUrlsAndNotReserved) {
  AdapterSpec spec = url_adapter();
  for (const char* bad : {"", "Docs", "-a", "a-", "a_b", "a/b", "mcp", "toolgateway", "list"}) {
    spec.name = bad;
    EXPECT_THAT(fields_of(spec), ElementsAre("name")) << bad;
  }
  spec.name = std::string(64, 'a');
  EXPECT_THAT(fields_of(spec), ElementsAre("name"));
  spec.name = "team/My Server";
  EXPECT_NE(check_adapter(spec)[0].message.find("'team-my-server' would do"), std::string::npos);
}

TEST(AdapterCheck, ThereIsExactlyOneSource) {
  AdapterSpec none{.name = "a"};
  EXPECT_THAT(fields_of(none), ElementsAre(""));
  AdapterSpec two = url_adapter();
  two.command = CommandSource{.command = "x"};
  EXPECT_THAT(fields_of(two), ElementsAre(""));
}

TEST(AdapterCheck, UrlsAreHttpWithAHostAndWithoutSecrets) {
  AdapterSpec spec = url_adapter();
  for (const char* bad : {"", "example.org", "/mcp", "ftp://h/", "http://", "https://u:hunter2@h/", "http://h/#f",
                          "http://h:0/", "http://h:99999/", "http://a b/"}) {
    spec.url->url = bad;
    EXPECT_THAT(fields_of(spec), ::testing::Not(IsEmpty())) << bad;
    for (const auto& problem : check_adapter(spec)) EXPECT_EQ(problem.message.find("hunter2"), std::string::npos);
  }
  for (const char* good : {"http://localhost:3000/mcp?x=1", "https://[::1]/", "HTTP://h"}) {
    spec.url->url = good;
    EXPECT_THAT(fields_of(spec), IsEmpty()) << good;
  }
}

TEST(AdapterCheck, HeadersAreLegalAndNotTheGatewaysOwn) {
  AdapterSpec spec = url_adapter();
  spec.url->headers = {
      {"Authorization", "Bearer ${env:T}"}, {"Content-Length", "3"},        {"Host", "h"}, {"X Y", "v"},
      {"X-Bad", "hunter2${HOME}"},           {"X-Line", "hunter2\r\nEvil: 1"}};
  EXPECT_THAT(fields_of(spec),
              ElementsAre("headers.Content-Length", "headers.Host", "headers.X Y", "headers.X-Bad", "headers.X-Line"));
  for (const auto& problem : check_adapter(spec)) EXPECT_EQ(problem.message.find("hunter2"), std::string::npos);
}

TEST(AdapterCheck, TheTransportFitsTheSource) {
  AdapterSpec url = url_adapter();
  url.transport = Transport::stdio;
  EXPECT_THAT(fields_of(url), ElementsAre("transport"));
  AdapterSpec command = command_adapter();
  command.transport = Transport::sse;
  EXPECT_THAT(fields_of(command), ElementsAre("transport"));
  command.transport = Transport::http;
  command.sharing = StdioSharing::shared;
  EXPECT_THAT(fields_of(command), ElementsAre("session"));
}

TEST(AdapterCheck, ProcessesGetOnlyWhatTheKernelTakes) {
  AdapterSpec spec = command_adapter();
  spec.command->args = {"ok", std::string("a\0b", 3), std::string(200'000, 'x')};
  spec.command->cwd = "relative";
  spec.command->path = "mcp";
  spec.environment = {{"A=B", "x"}, {"OK", "${env:X}"}, {"NUL", std::string(1, '\0')}};
  EXPECT_THAT(fields_of(spec),
              ElementsAre("environmentVariables.A=B", "environmentVariables.NUL", "args[1]", "args[2]", "cwd", "path"));
}

TEST(AdapterCheck, OnlyAnHttpServerHasAPortToName) {
  AdapterSpec spec = command_adapter();
  spec.environment = {{"LISTEN", ":${port}"}};
  EXPECT_THAT(fields_of(spec), ElementsAre("environmentVariables.LISTEN"));
  spec.transport = Transport::http;
  EXPECT_THAT(fields_of(spec), IsEmpty());
}

TEST(AdapterCheck, AUrlCountsAsOneReplicaAndHasNoEnvironment) {
  AdapterSpec spec = url_adapter();
  spec.replica_count = 2;
  spec.environment = {{"A", "b"}};
  EXPECT_THAT(fields_of(spec), ElementsAre("environmentVariables", "replicaCount"));
}

TEST(AdapterCheck, ImagesAreNamedAsTheEstablishedApiWantsIt) {
  AdapterSpec spec{.name = "a"};
  spec.image = ImageSource{.name = "a..b", .version = ""};
  EXPECT_THAT(fields_of(spec), ElementsAre("imageName", "imageVersion"));
  spec.image = ImageSource{.name = "UPPER", .version = "-x"};
  EXPECT_THAT(fields_of(spec), ElementsAre("imageName", "imageVersion"));
}

TEST(AdapterCheck, NamesAreMadeLegal) {
  EXPECT_EQ(legal_name("GitHub (work)"), "github-work");
  EXPECT_EQ(legal_name("@scope/pkg_name"), "scope-pkg-name");
  EXPECT_EQ(legal_name("***"), "server");
  EXPECT_EQ(legal_name(std::string(80, 'x')).size(), 63u);
}

}  // namespace
}  // namespace gw::model
