#include "jsonschema/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::jsonschema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts(const std::vector<Problem>& problems) {
  std::vector<std::string> out;
  for (const Problem& problem : problems) out.push_back(to_text(problem));
  return out;
}

std::vector<std::string> check(std::string_view schema, std::string_view instance, std::size_t most = 20) {
  const auto compiled = Schema::compile(schema);
  if (!compiled) return {"does not compile: " + to_text(compiled.error().front())};
  return texts(compiled->check(instance, most));
}

std::vector<std::string> wrong(std::string_view schema) {
  const auto compiled = Schema::compile(schema);
  return compiled ? std::vector<std::string>{} : texts(compiled.error());
}

constexpr std::string_view order = R"({
  "type": "object",
  "properties": {
    "items": {"type": "array", "items": {"$ref": "#/$defs/item"}, "minItems": 1},
    "currency": {"enum": ["EUR", "USD"]},
    "note": {"type": ["string", "null"], "maxLength": 5}
  },
  "required": ["items"],
  "additionalProperties": false,
  "$defs": {"item": {"type": "object", "properties": {"price": {"type": "number", "exclusiveMinimum": 0}},
                     "required": ["price"]}}
})";

TEST(Schema, NamesPathValueAndExpectationOfEverythingThatIsWrong) {
  EXPECT_THAT(
      check(order, R"({"items": [{"price": 1}, {"price": 0}, {"price": "abc"}, {}],
                               "currency": "eur", "note": "too long", "curency": 1})"),
      ElementsAre("/curency: is not allowed here; did you mean \"currency\"?",
                  "/currency: is \"eur\", must be \"EUR\" or \"USD\"", "/items/1/price: is 0, must be more than 0",
                  "/items/2/price: is \"abc\", must be a number", "/items/3: lacks \"price\", which is required",
                  "/note: has 8 characters, must have at most 5"));
  EXPECT_THAT(check(order, "{}"), ElementsAre("lacks \"items\", which is required"));
  EXPECT_THAT(check(order, "[]"), ElementsAre("is a list of 0 items, must be an object"));
  EXPECT_THAT(check(order, R"({"items": []})"), ElementsAre("/items: has 0 items, must have at least 1"));
}

TEST(Schema, ReportsNoMoreProblemsThanAskedFor) {
  EXPECT_EQ(check(R"({"items": {"type": "string"}})", "[1, 2, 3, 4, 5]", 2).size(), 2U);
}

TEST(Schema, SaysWhyNoAlternativeMatches) {
  constexpr std::string_view schema =
      R"({"anyOf": [{"type": "integer"}, {"type": "object", "required": ["id"]}, {"const": null}]})";
  EXPECT_THAT(check(schema, R"("x")"),
              ElementsAre("is \"x\", must match one of 3 alternatives: 1) is \"x\", must be an integer; "
                          "2) is \"x\", must be an object; 3) is \"x\", must be null"));
  EXPECT_THAT(check(R"({"anyOf": [{"properties": {"a": {"items": {"type": "number"}}}}]})", R"({"a": [1, "x"]})"),
              ElementsAre("/a/1: is \"x\", must be a number"));
  EXPECT_THAT(check(R"({"oneOf": [{"type": "number"}, {"type": "integer"}]})", "3"),
              ElementsAre("is 3, must match exactly one of 2 alternatives, but matches number 1 and 2"));
}

TEST(Schema, ComparesNumbersExactly) {
  EXPECT_THAT(check(R"({"const": 9007199254740993})", "9007199254740992"), testing::SizeIs(1));
  EXPECT_THAT(check(R"({"maximum": 9007199254740992})", "9007199254740993"),
              ElementsAre("is 9007199254740993, must be at most 9007199254740992"));
  EXPECT_THAT(check(R"({"const": 1})", "1.0"), IsEmpty());
  EXPECT_THAT(check(R"({"type": "integer"})", "1e3"), IsEmpty());
  EXPECT_THAT(check(R"({"uniqueItems": true})", "[9007199254740993, 9007199254740992]"), IsEmpty());
  EXPECT_THAT(check(R"({"uniqueItems": true})", "[1, 2, 1.0]"),
              ElementsAre("has the same item at 0 and 2, must have each only once"));
}

TEST(Schema, ChecksRecursiveValues) {
  constexpr std::string_view tree = R"({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties":
      {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}})";
  EXPECT_THAT(check(tree, R"({"name": "a", "children": [{"children": [{"name": 7}]}]})"),
              ElementsAre("/children/0/children/0/name: is 7, must be a string"));
}

TEST(Schema, IsCheckedAgainstTheRulesOfTheMetaSchemaAllAtOnce) {
  EXPECT_THAT(
      wrong(R"({"type": "strin", "properties": {"a": 5, "b": {"minLength": -1, "required": "b"}}, "minimum": "1",
                "allOf": [], "multipleOf": 0, "items": [{}], "title": 1, "$ref": "#/$defs/none"})"),
      ElementsAre(
          "/$ref: is \"#/$defs/none\", which leads to nothing in this schema",
          "/allOf: is a list of 0 items, must be a list of at least one schema",
          "/items: is a list of 1 item, must be a schema: an object, true or false (a list of schemas is called "
          "prefixItems in 2020-12)",
          "/minimum: is \"1\", must be a number",
          "/multipleOf: is 0, must be more than 0 and have at most 18 significant digits",
          "/properties/a: is 5, must be a schema: an object, true or false",
          "/properties/b/minLength: is -1, must be an integer from 0 on",
          "/properties/b/required: is \"b\", must be a list of names without repetition",
          "/title: is 1, must be a string",
          "/type: is \"strin\", must be null, boolean, object, array, number, integer or string"));
}

TEST(Schema, RefusesWhatItWouldUnderstandDifferently) {
  EXPECT_THAT(wrong(R"({"$ref": "https://example.com/a.json"})"),
              ElementsAre(HasSubstr("is in another document: nothing is fetched")));
  EXPECT_THAT(wrong(R"({"$schema": "http://json-schema.org/draft-07/schema#"})"),
              ElementsAre(HasSubstr("no other dialect is understood")));
  EXPECT_THAT(wrong(R"s({"properties": {"a": {"pattern": "(?!x)"}}})s"),
              ElementsAre(HasSubstr("/properties/a/pattern: \"(?!x)\" cannot be used")));
  EXPECT_THAT(wrong(R"s({"patternProperties": {"(?!x)": true}, "additionalProperties": false})s"),
              ElementsAre(HasSubstr("/patternProperties: \"(?!x)\" cannot be used")));
  EXPECT_THAT(wrong(R"({"type": "object", "type": "array"})"), ElementsAre("has the member \"type\" twice"));
  EXPECT_THAT(wrong("{"), ElementsAre(HasSubstr("is not JSON")));
}

TEST(Schema, RefusesInstancesThatTwoReadersMayUnderstandInTwoWays) {
  EXPECT_THAT(check("true", R"({"a": {"b": 1, "\u0062": 2}})"), ElementsAre("/a: has the member \"b\" twice"));
  EXPECT_THAT(check("true", "[1,]"), ElementsAre(HasSubstr("is not JSON")));
  EXPECT_THAT(check("true", "\"\xff\""), ElementsAre("is not UTF-8"));
}

TEST(Schema, GivesUpOnSchemasWithoutAnEnd) {
  EXPECT_THAT(check(R"({"$ref": "#"})", "1"), ElementsAre(HasSubstr("refers to itself without an end")));
  EXPECT_THAT(check(R"({"anyOf": [{"$ref": "#"}, true]})", "1"), ElementsAre(HasSubstr("without an end")));
  EXPECT_THAT(check(R"({"not": {"$ref": "#"}})", "1"), ElementsAre(HasSubstr("without an end")));
}

TEST(Schema, ReferencesAreCountedAnewAtEachValue) {
  // As many schemas at each of the values within each other.
  const auto nested = [](int schemas, int values) {
    std::string schema = R"({"properties": {"a": {"$ref": "#"}}})";
    for (int i = 0; i < schemas - 2; ++i) schema = R"({"anyOf": [)" + schema + "]}";
    std::string value = "1";
    for (int i = 0; i < values; ++i) value = R"({"a": )" + value + "}";
    return check(schema, value);
  };
  EXPECT_THAT(nested(2, 125), IsEmpty());
  EXPECT_THAT(nested(11, 125), IsEmpty());
  EXPECT_THAT(nested(14, 125), ElementsAre("cannot be checked: schemas are nested too deeply for this value"));
  std::string chain = R"({"$ref": "#/$defs/d0", "$defs": {"d150": true)";
  for (int i = 0; i < 150; ++i) {
    chain += ", \"d" + std::to_string(i) + R"(": {"$ref": "#/$defs/d)" + std::to_string(i + 1) + "\"}";
  }
  EXPECT_THAT(check(chain + "}}", "1"), ElementsAre("cannot be checked: the schema refers to itself without an end"));
}

TEST(Schema, GivesUpWhenCheckingTakesTooManySteps) {
  // Each level doubles the work.
  std::string schema = R"({"$ref": "#/$defs/d30", "$defs": {"d0": {"type": "string"})";
  for (int i = 1; i <= 30; ++i) {
    schema += R"(, "d)" + std::to_string(i) + R"(": {"allOf": [{"$ref": "#/$defs/d)" + std::to_string(i - 1) +
              R"("}, {"$ref": "#/$defs/d)" + std::to_string(i - 1) + R"("}]})";
  }
  schema += "}}";
  EXPECT_THAT(check(schema, "\"\""),
              ElementsAre("cannot be checked within 1000000 steps: it is too large for this schema"));

  std::string list = "[0";
  for (int i = 0; i < 2000; ++i) list += ",[" + std::to_string(i % 7) + "]";
  EXPECT_THAT(check(R"({"uniqueItems": true})", list + "]"), testing::SizeIs(1));
}

TEST(Schema, BytesTakeSteps) {
  const std::string text = '"' + std::string(2 << 20, 'a') + '"';
  constexpr std::string_view too_large = "cannot be checked within 1000000 steps";
  EXPECT_THAT(check(R"({"pattern": "b"})", text), ElementsAre(HasSubstr("must match the regular expression")));
  EXPECT_THAT(check(R"({"pattern": "(a?){900}b"})", text), ElementsAre(HasSubstr(std::string(too_large))));
  EXPECT_THAT(check(R"({"patternProperties": {"(a?){900}b": true}, "additionalProperties": true})", "{" + text + ":1}"),
              ElementsAre(HasSubstr(std::string(too_large))));
  std::string schema = R"({"allOf": [true)";
  for (int i = 0; i < 40; ++i) schema += R"(, {"minimum": 1})";
  EXPECT_THAT(check(schema + "]}", text), ElementsAre(HasSubstr(std::string(too_large))));
}

TEST(Schema, ThePatternsOfASchemaShareOneBudget) {
  const auto with_patterns = [](int count, std::string_view rest) {
    std::string schema = R"({"allOf": [true)";
    for (int i = 0; i < count; ++i) schema += R"(, {"pattern": "x)" + std::to_string(i) + std::string(rest) + "\"}";
    return schema + "]}";
  };
  EXPECT_THAT(wrong(with_patterns(1000, "")), IsEmpty());
  EXPECT_THAT(wrong(with_patterns(1001, "")),
              ElementsAre(HasSubstr("/allOf/1001/pattern: \"x1000\" is too much: the regular expressions of a schema "
                                    "may be 1000 and take 67108864 bytes")));
  EXPECT_THAT(wrong(with_patterns(10, "[a-z]{900}")), IsEmpty());
  EXPECT_THAT(wrong(with_patterns(800, "[a-z]{900}")), testing::Contains(HasSubstr("is too much")));
  std::string same = R"({"allOf": [true)";
  for (int i = 0; i < 2000; ++i) same += R"(, {"pattern": "^[a-z]{900}$"})";
  EXPECT_THAT(wrong(same + "]}"), IsEmpty()) << "each is compiled once";
}

TEST(Schema, LookingForTheNameThatWasMeantTakesSteps) {
  std::string schema = R"({"items": {"anyOf": [{"additionalProperties": false, "properties": {"p": true)";
  for (int i = 0; i < 2000; ++i) schema += ", \"p" + std::to_string(i) + "\": true";
  schema += "}}, true]}}";
  std::string list = R"([{"a": 1})";
  for (int i = 0; i < 1000; ++i) list += R"(, {"a": 1})";
  EXPECT_THAT(check(schema, list + "]"), ElementsAre(HasSubstr("cannot be checked within 1000000 steps")));
}

TEST(Schema, BoundsDepthAndSize) {
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  EXPECT_THAT(check("true", deep), ElementsAre(HasSubstr("too many nested")));
  const auto large = Schema::compile(std::string(2 << 20, ' ') + "true");
  ASSERT_FALSE(large);
  EXPECT_THAT(large.error().front().message, HasSubstr("at most 1048576"));
}

TEST(Schema, ShowsNothingThatATerminalObeys) {
  EXPECT_THAT(check(R"({"type": "number"})", R"("\u001b[31m")"), ElementsAre("is \"\\x1b[31m\", must be a number"));
}

}  // namespace
}  // namespace gw::jsonschema
