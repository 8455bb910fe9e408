#include "access/resource.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace gw::access {
namespace {

TEST(Resource, McpPathsNameTheirEndpointAndNothingElseDoes) {
  EXPECT_EQ(resource_path("/mcp"), "/mcp");
  EXPECT_EQ(resource_path("/adapters/x/mcp"), "/adapters/x/mcp");
  EXPECT_EQ(resource_path("/adapters/x/sse"), "/adapters/x/mcp");
  EXPECT_EQ(resource_path("/adapters/x/messages"), "/adapters/x/mcp");
  EXPECT_EQ(resource_path("/servers/dev/mcp"), "/servers/dev/mcp");
  for (const char* path : {"/", "/adapters", "/adapters/x", "/adapters/x/logs", "/adapters//mcp", "/adapters/x/mcp/",
                           "/adapters/X/mcp", "/adapters/..%2f/mcp", "/adapters/x\"/mcp", "/servers/x/sse"}) {
    EXPECT_EQ(resource_path(path), "") << path;
  }
}

Settings settings_with(auth::Options options) {
  auto state = std::make_shared<auth::State>();
  state->options = std::move(options);
  return {.auth = state, .origin = "https://gw.example"};
}

boost::json::object document_at(const Settings& settings, std::string_view path) {
  const auto document = metadata_document(settings, path);
  return document ? boost::json::parse(*document).as_object() : boost::json::object();
}

TEST(Resource, EachEndpointHasItsOwnMetadata) {
  auth::Options options;
  options.issuers.push_back({.issuer = "https://login.example/realm"});
  options.resource.scopes = {"mcp:tools"};
  const Settings settings = settings_with(options);
  const auto document = document_at(settings, "/.well-known/oauth-protected-resource/adapters/x/mcp");
  EXPECT_EQ(document.at("resource"), "https://gw.example/adapters/x/mcp");
  EXPECT_EQ(document.at("authorization_servers"), boost::json::array({"https://login.example/realm"}));
  EXPECT_EQ(document.at("bearer_methods_supported"), boost::json::array({"header"}));
  EXPECT_EQ(document.at("scopes_supported"), boost::json::array({"mcp:tools"}));
  EXPECT_EQ(document_at(settings, "/.well-known/oauth-protected-resource").at("resource"), "https://gw.example");
  EXPECT_EQ(document_at(settings, "/.well-known/oauth-protected-resource/mcp").at("resource"),
            "https://gw.example/mcp");
}

TEST(Resource, LooksAlikesHaveNone) {
  const Settings settings = settings_with({});
  for (const char* path : {"/.well-known/oauth-protected-resourceFOO", "/.well-known/oauth-protected-resource/adapters",
                           "/.well-known/oauth-protected-resource/adapters/x/sse",
                           "/.well-known/oauth-protected-resource//mcp", "/.well-known/other"}) {
    EXPECT_FALSE(metadata_document(settings, path)) << path;
  }
}

TEST(Resource, TheRootMayNameAnotherResource) {
  auth::Options options;
  options.resource.resource = "/mcp";
  options.resource.authorization_servers = {"https://a.example", "https://b.example"};
  const auto document = document_at(settings_with(options), "/.well-known/oauth-protected-resource");
  EXPECT_EQ(document.at("resource"), "/mcp");
  EXPECT_EQ(document.at("authorization_servers").as_array().size(), 2u);
}

}  // namespace
}  // namespace gw::access
