// Arguments, definitions and results of tools, without a gateway.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <sstream>

#include "base/files.h"
#include "cli/raw_json.h"
#include "cli/tool_arguments.h"
#include "cli/tool_inputs.h"
#include "cli/tool_result.h"
#include "cli/tool_text.h"

namespace gw::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view schema = R"({"type":"object","properties":{
  "n":{"type":"integer"},"x":{"type":["number","null"]},"on":{"type":"boolean"},"text":{"type":"string"},
  "either":{"anyOf":[{"type":"integer"},{"type":"string"}]},"list":{"type":"array"},"any":{},
  "point":{"$ref":"#/$defs/point"}},"$defs":{"point":{"type":"object"}}})";

std::string arguments(const std::vector<std::string>& words, std::string_view base = {}) {
  const auto made = read_arguments(words, base, schema);
  return made ? made->json : made.error().message();
}

TEST(ToolArguments, AreTypedByTheSchemaAndKeepTheirDigits) {
  EXPECT_EQ(arguments({"n=9007199254740993", "x=1.50", "on=true", "text=5"}),
            R"({"n":9007199254740993,"x":1.50,"on":true,"text":"5"})");
  EXPECT_EQ(arguments({"x=null", "either=5", "any=5", "list=[1, 2]", R"(point={"x":1})"}),
            R"({"x":null,"either":"5","any":"5","list":[1, 2],"point":{"x":1}})");
  EXPECT_EQ(arguments({"text=a=b \"c\"", "text2:=[1e400]", "other=x"}),
            R"({"text":"a=b \"c\"","text2":[1e400],"other":"x"})");
}

TEST(ToolArguments, SayWhatWasExpected) {
  EXPECT_EQ(arguments({"n=1.5"}), "'n': '1.5' is not an integer");
  EXPECT_EQ(arguments({"x=abc"}), "'x': 'abc' is not a number or null");
  EXPECT_EQ(arguments({"on=yes"}), "'on': 'yes' is not true or false");
  EXPECT_EQ(arguments({"list=a"}), R"('list': 'a' is not a list as JSON, such as ["a","b"])");
  EXPECT_THAT(arguments({"text:=abc"}), HasSubstr(R"(texts need quotes, such as text:='"text"')"));
  EXPECT_THAT(arguments({"n"}), HasSubstr("write name=value, or name:=JSON"));
  EXPECT_EQ(arguments({"n=1", "n=2"}), "the argument 'n' is given twice");
}

TEST(ToolArguments, WordsReplaceMembersOfTheObject) {
  EXPECT_EQ(arguments({}, R"({ "n" : 1 })"), R"({ "n" : 1 })");
  EXPECT_EQ(arguments({"n=2", "on=false"}, R"({"text":"a","n":1})"), R"({"text":"a","n":2,"on":false})");
  EXPECT_EQ(arguments({}), "{}");
}

TEST(ToolArguments, UnknownNamesAreWarnedOfAndSent) {
  const auto made = read_arguments({"txt=a"}, "", schema);
  EXPECT_EQ(made->json, R"({"txt":"a"})");
  EXPECT_THAT(made->warnings, ElementsAre("the tool describes no argument 'txt'; did you mean 'text'?"));
}

catalogue::Definition tool(std::string_view json) {
  return *catalogue::read_definition(catalogue::Kind::tool, json);
}

TEST(ToolText, ATableIsCutAtTheTerminal) {
  const std::vector tools{
      tool(R"({"name":"add","title":"Add","description":"Adds\nmore","inputSchema":{"type":"object"}})"),
      tool(R"({"name":"b","description":"Übers\u001b[31m","inputSchema":{"type":"object"}})")};
  EXPECT_EQ(tool_table(tools, 0), "NAME  DESCRIPTION\nadd   Add: Adds\nb     Übers\\x1b[31m\n");
  EXPECT_EQ(tool_table(tools, 9), "NAME  DESCRIPTION\nadd   Ad…\nb     Üb…\n");
}

TEST(ToolText, ADescriptionSaysWhatTheDefinitionSays) {
  EXPECT_EQ(
      tool_description(tool(
          R"({"name":"find","title":"Find","description":"Finds.\nMuch.","annotations":{"readOnlyHint":true},)"
          R"("inputSchema":{"type":"object","required":["q"],"properties":{"q":{"type":"string","description":"Words"},)"
          R"("limit":{"type":"integer","default":9007199254740993,"minimum":1},)"
          R"("in":{"type":"array","items":{"type":"object","properties":{"k":{"enum":["a","b"]}}}}}},)"
          R"("outputSchema":{"type":"array","items":{"type":"string"}}})")),
      "find\nFind\n\nFinds.\nMuch.\n\nAs its server says, it only reads.\n\nArguments:\n"
      "  q  string, required\n      Words\n"
      "  limit  integer, default 9007199254740993, at least 1\n"
      "  in  list of object\n      k  any value, one of \"a\", \"b\"\n"
      "\nResult:\n  list of string\n");
}

TEST(RawJson, IsIndentedWithoutAChangeOfValues) {
  EXPECT_EQ(indented(R"({"a":9007199254740993.10,"b":[1,{}],"c":[]})"),
            "{\n  \"a\": 9007199254740993.10,\n  \"b\": [\n    1,\n    {}\n  ],\n  \"c\": []\n}");
}

class ToolTerminal : public ::testing::Test {
 protected:
  ToolTerminal() {
    std::string name = fs::temp_directory_path() / "gw-tools-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~ToolTerminal() override { fs::remove_all(folder_); }

  Console console(std::size_t width = 0) { return {.out = out_, .err = err_, .environment = {}, .width = width}; }
  // One that answers with `lines`.
  Console person(std::deque<std::string> lines) {
    lines_ = std::move(lines);
    Console made = console(80);
    made.read_line = [this](std::string_view prompt) -> Result<std::string> {
      prompts_ += prompt;
      if (lines_.empty()) return fail(Errc::cancelled, "interrupted");
      std::string line = lines_.front();
      lines_.pop_front();
      return line;
    };
    return made;
  }

  fs::path folder_;
  std::ostringstream out_, err_;
  std::deque<std::string> lines_;
  std::string prompts_;
};

TEST_F(ToolTerminal, TextsAreShownAsTheyAreButForATerminal) {
  constexpr auto result =
      R"({"content":[{"type":"text","text":"a\u001b[31m\nb"},{"type":"resource_link","uri":"u:1","name":"n"}]})";
  EXPECT_EQ(show_result(result, {}, console()), exit_ok);
  EXPECT_EQ(out_.str(), "a\x1b[31m\nb\nu:1 (n)\n");
  out_.str("");
  EXPECT_EQ(show_result(result, {}, console(80)), exit_ok);
  EXPECT_EQ(out_.str(), "a\\x1b[31m\nb\nu:1 (n)\n");
}

TEST_F(ToolTerminal, StructuredContentStandsInForText) {
  EXPECT_EQ(show_result(R"({"content":[],"structuredContent":{"n":9007199254740993}})", {}, console()), exit_ok);
  EXPECT_EQ(out_.str(), "{\n  \"n\": 9007199254740993\n}\n");
}

TEST_F(ToolTerminal, FailuresGoToStandardError) {
  EXPECT_EQ(show_result(R"({"content":[{"type":"text","text":"no"}],"isError":true})", {}, console()), exit_failed);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "no\n");
}

TEST_F(ToolTerminal, BytesAreSavedOrDescribed) {
  constexpr auto result =
      R"({"content":[{"type":"image","mimeType":"image/png","data":"+/8="},{"type":"resource","resource":{"uri":"u:1","blob":"AQ=="}}]})";
  EXPECT_EQ(show_result(result, {}, console()), exit_ok);
  EXPECT_THAT(err_.str(), HasSubstr("[image, image/png, 2 bytes; --save FILE keeps it]"));
  EXPECT_EQ(show_result(result, folder_ / "x.png", console()), exit_ok);
  EXPECT_EQ(*read_file(folder_ / "x.png"), "\xfb\xff");
  EXPECT_EQ(*read_file(folder_ / "x-2.png"), "\x01");
  EXPECT_EQ(show_result(result, folder_ / "x.png", console()), exit_failed) << "nothing is overwritten";
  EXPECT_EQ(*read_file(folder_ / "x.png"), "\xfb\xff");
}

constexpr auto form =
    R"({"inputRequests":{"who":{"method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object",)"
    R"("required":["name"],"properties":{"name":{"type":"string"},"age":{"type":"integer","default":7},)"
    R"("colour":{"type":"string","enum":["r","g"],"enumNames":["Red","Green"]},"tags":{"type":"array","items":{"type":"string"}}}}}}},)"
    R"("requestState":"s\u0041"})";

TEST_F(ToolTerminal, AFormIsAskedFieldByField) {
  EXPECT_EQ(
      *answer_inputs(form, person({"y", "", "Ann", "", "3", "2", "a, b"})),
      R"x(,"inputResponses":{"who":{"action":"accept","content":{"name":"Ann","age":7,"colour":"g","tags":["a","b"]}}},"requestState":"s\u0041")x");
  EXPECT_THAT(err_.str(), HasSubstr("The server asks: Who?"));
  EXPECT_THAT(err_.str(), HasSubstr("This one is needed."));
  EXPECT_THAT(err_.str(), HasSubstr("'3' is none of the choices"));
  EXPECT_THAT(prompts_, HasSubstr("age (integer, may be left empty) [7]: "));
}

TEST_F(ToolTerminal, WhoeverIsAskedMayDeclineAndNobodyIsAskedWithoutATerminal) {
  EXPECT_THAT(*answer_inputs(form, person({"n"})), HasSubstr(R"({"action":"decline"})"));
  EXPECT_EQ(answer_inputs(form, person({"y"})).error().code(), Errc::cancelled);
  EXPECT_THAT(answer_inputs(form, console()).error().message(), HasSubstr("no terminal to ask on"));
  EXPECT_EQ(input_capabilities(console()), "{}");
  constexpr auto roots = R"({"inputRequests":{"a":{"method":"roots/list","params":{}}}})";
  EXPECT_EQ(answer_inputs(roots, person({})).error().code(), Errc::unsupported);
  EXPECT_EQ(*answer_inputs(R"({"requestState":"x"})", console()), R"(,"requestState":"x")");
}

}  // namespace
}  // namespace gw::cli
