#include "catalogue/rewrite.h"

#include <gtest/gtest.h>

namespace gw::catalogue {
namespace {

std::string mapped(std::string_view uri) {
  return uri == "keep:me" ? "keep:me" : "M:" + std::string(uri);
}

// The text after rewriting, or "-" when there was nothing to do.
std::string rewritten(std::string_view result) {
  return rewrite_addresses(result, mapped).value_or("-");
}

TEST(Rewrite, LinksAndEmbeddedResourcesOfToolResults) {
  EXPECT_EQ(
      rewritten(R"({"content":[{"type":"text","text":"t"}, {"uri":"a:\/b","type":"resource_link","name":"n"}],"n":1})"),
      R"({"content":[{"type":"text","text":"t"}, {"uri":"M:a:/b","type":"resource_link","name":"n"}],"n":1})");
  EXPECT_EQ(rewritten(R"({"content":[{"type":"resource","resource":{"uri":"a:b","text":"x"}}]})"),
            R"({"content":[{"type":"resource","resource":{"uri":"M:a:b","text":"x"}}]})");
}

TEST(Rewrite, ContentsOfReads) {
  EXPECT_EQ(rewritten(R"({"contents":[{"uri":"a:1","text":""},{"uri":"keep:me"},{"blob":"","uri":"a:2"}]})"),
            R"({"contents":[{"uri":"M:a:1","text":""},{"uri":"keep:me"},{"blob":"","uri":"M:a:2"}]})");
}

TEST(Rewrite, MessagesOfPrompts) {
  EXPECT_EQ(rewritten(R"({"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"a:b"}}},
                         {"content":[{"type":"resource_link","uri":"c:d"}]}]})"),
            R"({"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"M:a:b"}}},
                         {"content":[{"type":"resource_link","uri":"M:c:d"}]}]})");
}

TEST(Rewrite, UserInterfaces) {
  EXPECT_EQ(rewritten(R"({"content":[],"_meta":{"x":1,"ui":{"resourceUri":"ui://a"}}})"),
            R"({"content":[],"_meta":{"x":1,"ui":{"resourceUri":"M:ui://a"}}})");
}

TEST(Rewrite, LeavesEverythingElse) {
  EXPECT_EQ(rewritten(R"({"structuredContent":{"content":[{"type":"resource_link","uri":"a:b"}],"uri":"a:b"}})"), "-");
  EXPECT_EQ(rewritten(R"({"uri":"a:b","content":[{"type":"text","uri":"a:b","text":"{\"uri\":\"a:b\"}"}]})"), "-");
  EXPECT_EQ(rewritten(R"({"content":[{"type":"resource","resource":{"uri":"keep:me"}}]})"), "-");
  EXPECT_EQ(rewritten(R"({"content":{"type":"resource_link","uri":"a:b"},"contents":7,"messages":[1,{"content":2}]})"),
            "-");
  EXPECT_EQ(rewritten(R"({"content":[{"type":"resource_link","uri":7}]})"), "-");
  EXPECT_EQ(rewritten(R"({"n":9007199254740993,"content":[{"type":"resource_link","uri":"a:b"}]})"),
            R"({"n":9007199254740993,"content":[{"type":"resource_link","uri":"M:a:b"}]})");
}

TEST(Rewrite, LeavesWhatIsNoJsonObject) {
  for (const std::string_view text :
       {"", "[]", "7", R"({"contents":[{"uri":"a:b"})", R"({"contents":[{"uri":"a:b"}]}x)"}) {
    EXPECT_EQ(rewritten(text), "-") << text;
  }
}

TEST(Rewrite, NoAddressEscapesBehindAnother) {
  EXPECT_EQ(rewritten(R"({"contents":[{"uri":"a:1","\u0075ri":"a:2"}]})"),
            R"({"contents":[{"uri":"M:a:1","\u0075ri":"M:a:2"}]})");
  EXPECT_EQ(rewritten(R"({"contents":[{"ur\u0069":"a:1"}]})"), R"({"contents":[{"ur\u0069":"M:a:1"}]})");
  EXPECT_EQ(rewritten(R"({"content":[{"type":"resource_link","uri":"a:1","type":"text","uri":"a:2"}]})"),
            R"({"content":[{"type":"resource_link","uri":"M:a:1","type":"text","uri":"M:a:2"}]})");
}

}  // namespace
}  // namespace gw::catalogue
