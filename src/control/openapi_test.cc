#include "control/openapi.h"

#include <gtest/gtest.h>

#include <set>

#include <boost/json.hpp>

#include "control/api_fixture.h"

namespace gw::control {
namespace {

// Everything that the document's references name must be there.
void check_references(const boost::json::value& value, const boost::json::object& document) {
  if (const auto* list = value.if_array()) {
    for (const auto& item : *list) check_references(item, document);
  } else if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) {
      if (name == "$ref") {
        boost::system::error_code missing;
        const std::string pointer(member.as_string().subview(1));
        EXPECT_NE(boost::json::value(document).find_pointer(pointer, missing), nullptr) << pointer;
      } else {
        check_references(member, document);
      }
    }
  }
}

TEST(OpenApi, DescribesExactlyWhatIsServed) {
  const auto parsed = json::parse(openapi_text("1.0"));
  ASSERT_TRUE(parsed) << parsed.error().message();
  const auto& document = parsed->as_object();
  EXPECT_TRUE(document.at("openapi").as_string().starts_with("3.1"));
  check_references(*parsed, document);

  std::set<std::string> described;
  std::set<std::string> ids;
  for (const auto& [path, item] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      if (method == "parameters") continue;
      ASSERT_TRUE(operation.at("tags").is_array());
      EXPECT_TRUE(ids.insert(std::string(operation.at("operationId").as_string())).second);
      EXPECT_TRUE(operation.at("responses").as_object().contains("default")) << path;
      if (operation.at("tags").at(0) == "mcp") continue;
      described.insert(std::string(method) + ' ' + std::string(path));
    }
  }

  std::set<std::string> served;
  testing::run([&]() -> Task<> {
    Gateway g;
    for (const ApiRoute& route : g.plane->routes()) {
      served.insert(to_lower(http::to_string(route.method)) + ' ' + route.path);
    }
    co_return;
  });
  EXPECT_EQ(described, served);
}

}  // namespace
}  // namespace gw::control
