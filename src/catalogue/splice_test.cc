#include "catalogue/splice.h"

#include <gtest/gtest.h>

namespace gw::catalogue {
namespace {

TEST(Splice, ReplacesTheNameAndNothingElse) {
  EXPECT_EQ(with_name(Kind::tool, R"({ "n":9007199254740993 , "na\u006de" :"a", "_meta":{"name":"x"}})", "b\"c"),
            R"({ "n":9007199254740993 , "na\u006de" :"b\"c", "_meta":{"name":"x"}})");
  EXPECT_EQ(with_name(Kind::resource, R"({"name":"n","uri":"a:b"})", "c:d"), R"({"name":"n","uri":"c:d"})");
  EXPECT_EQ(with_name(Kind::resource_template, R"({"name":"n","uriTemplate":"a:{b}"})", "c:{b}"),
            R"({"name":"n","uriTemplate":"c:{b}"})");
}

TEST(Splice, ReplacesOrAddsDescriptions) {
  EXPECT_EQ(with_changes(Kind::tool, R"({"name":"a","description":"old"})", {.description = "new\""}),
            R"({"name":"a","description":"new\""})");
  EXPECT_EQ(with_changes(Kind::tool, R"({"name":"a"})", {.name = "b", .description = "new"}),
            R"({"description":"new","name":"b"})");
}

TEST(Splice, SetsAnnotationsOneByOne) {
  EXPECT_EQ(with_changes(Kind::tool, R"({"name":"a","annotations":{"title":"T","readOnlyHint" : false}})",
                         {.annotations = {{"idempotentHint", true}, {"readOnlyHint", true}}}),
            R"({"name":"a","annotations":{"idempotentHint":true,"title":"T","readOnlyHint" : true}})");
  EXPECT_EQ(with_changes(Kind::tool, R"({"name":"a"})", {.annotations = {{"openWorldHint", false}}}),
            R"({"annotations":{"openWorldHint":false},"name":"a"})");
  EXPECT_EQ(with_changes(Kind::tool, R"({"name":"a","annotations":{ }})", {.annotations = {{"x", false}}}),
            R"({"name":"a","annotations":{"x":false }})");
}

TEST(Splice, FindsTheUserInterfaceOfATool) {
  const std::string json = R"({"name":"a","_meta":{"ui":{"resourceUri":"ui:\/\/x"}},"resourceUri":"no"})";
  EXPECT_EQ(ui_resource_of(json), "ui://x");
  EXPECT_EQ(with_changes(Kind::tool, json, {.ui_resource = "ui://y"}),
            R"({"name":"a","_meta":{"ui":{"resourceUri":"ui://y"}},"resourceUri":"no"})");
  EXPECT_EQ(ui_resource_of(R"({"name":"a","_meta":{"ui":"resourceUri"}})"), "");
  EXPECT_EQ(ui_resource_of(R"({"name":"a","_meta":{"ui":{"resourceUri":7}}})"), "");
}

}  // namespace
}  // namespace gw::catalogue
