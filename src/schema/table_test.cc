#include "schema/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "json/json.h"
#include "schema/markdown.h"

namespace gw::schema {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

enum class Color { red, green };

struct Wheel {
  std::string name;
  std::uint32_t spokes = 8;
};

struct Cart {
  std::string owner = "nobody";
  Color color = Color::green;
  Duration wait = 10s;
  std::optional<std::string> note;
  std::vector<Wheel> wheels;
  std::map<std::string, std::string> labels;
};

struct Tags {
  std::map<std::string, bool> flags;
  std::vector<std::string> values;
};

Object<Cart> cart_object() {
  Object<Wheel> wheel;
  wheel.field("name", &Wheel::name, text(), "Its name.", {.required = true});
  wheel.field("spokes", &Wheel::spokes, small_count(1, 100), "How many spokes.");
  Object<Cart> cart;
  cart.field("owner", &Cart::owner, text(), "Whose it is.", {.aliases = {"keeper"}});
  cart.field("color", &Cart::color, choice<Color>({{"red", Color::red}, {"green", Color::green}}), "Its paint.");
  cart.field("wait", &Cart::wait, duration(1s, 1min), "How long.", {.restart = true});
  cart.field("note", &Cart::note, optional(text()), "A note.");
  cart.field("wheels", &Cart::wheels, list(wheel.type()), "The wheels.");
  cart.field("labels", &Cart::labels, text_map("label"), "Labels.");
  cart.ignore("weight");
  return cart;
}

Object<Tags> tags_object() {
  Object<Tags> tags;
  tags.field("flags", &Tags::flags, filled(map("flag", boolean())), "Flags.");
  tags.field("values", &Tags::values, filled(list(scalar())), "Values.");
  return tags;
}

template <class T>
std::vector<std::string> problems_with(const Object<T>& object, std::string_view json, T* value = nullptr) {
  T unused;
  Report report;
  object.table().read(*node_of(*json::parse(json)), value ? value : &unused, report);
  std::vector<std::string> found;
  for (const Problem& problem : report.problems()) found.push_back(problem.field + ": " + problem.message);
  return found;
}

std::vector<std::string> problems_of(std::string_view json, Cart* cart = nullptr) {
  return problems_with(cart_object(), json, cart);
}

TEST(Table, ReadsEveryKindOfField) {
  Cart cart;
  EXPECT_THAT(problems_of(R"({"owner":"ann","color":"red","wait":"30s","note":"x","weight":3,
                              "wheels":[{"name":"a"},{"name":"b","spokes":3}],"labels":{"k":"v"}})",
                          &cart),
              ElementsAre());
  EXPECT_EQ(cart.owner, "ann");
  EXPECT_EQ(cart.color, Color::red);
  EXPECT_EQ(cart.wait, 30s);
  EXPECT_EQ(cart.note, "x");
  ASSERT_EQ(cart.wheels.size(), 2u);
  EXPECT_EQ(cart.wheels[0].spokes, 8u);
  EXPECT_EQ(cart.wheels[1].spokes, 3u);
  EXPECT_EQ(cart.labels.at("k"), "v");
}

TEST(Table, KeepsSingleValuesAsTheirJsonText) {
  Tags tags;
  EXPECT_THAT(problems_with(tags_object(),
                            R"({"flags":{"on":true},"values":["a\"b",1.50,false,null,12345678901234567890]})", &tags),
              ElementsAre());
  EXPECT_TRUE(tags.flags.at("on"));
  EXPECT_THAT(tags.values, ElementsAre("\"a\\\"b\"", "1.5E0", "false", "null", "12345678901234567890"));
  const auto written = tags_object().table().write(&tags).as_object();
  EXPECT_EQ(written.at("flags"), json::parse(R"({"on":true})"));
  EXPECT_EQ(written.at("values").as_array().at(0), "a\"b");
}

struct Parcel {
  std::string content;
  std::string speed = "slow";
  std::uint16_t port = 1;
};

TEST(Table, KeepsObjectsAsTheirJsonTextAndRefusesWithReasons) {
  Object<Parcel> object;
  object.field("content", &Parcel::content, json_object(), "What is in it.");
  object.field("speed", &Parcel::speed, one_of({"slow", "fast"}), "How.");
  object.field("port", &Parcel::port, port_number(), "Where.");
  object.refuse("weight", "a parcel has no weight here");
  const auto problems_of = [&object](std::string_view text, Parcel& parcel) {
    Report report;
    object.table().read(*node_of(*json::parse(text)), &parcel, report);
    std::vector<std::string> problems;
    for (const auto& problem : report.problems()) problems.push_back(problem.field + ": " + problem.message);
    return problems;
  };
  Parcel parcel;
  const std::string content = R"({"b":[1,25,{}],"a":"\"","n":null,"t":true})";
  EXPECT_THAT(problems_of(R"({"content":)" + content + R"(,"speed":"fast","port":65535,"weight":null})", parcel),
              ElementsAre());
  EXPECT_EQ(parcel.content, content);
  EXPECT_EQ(json::to_text(object.table().write(&parcel)),
            R"({"content":)" + content + R"(,"speed":"fast","port":65535})");
  EXPECT_THAT(
      problems_of(R"({"content":[],"speed":"brisk","port":65536,"weight":7})", parcel),
      ElementsAre("content: expected an object, found a list", "speed: 'brisk' is not one of slow and fast",
                  "port: 65536 is not a whole number between 1 and 65535", "weight: a parcel has no weight here"));
}

TEST(Table, WhatIsGivenEmptyWhereThatMeansNothingIsAProblem) {
  EXPECT_THAT(problems_with(tags_object(), R"({"flags":{},"values":[]})"),
              ElementsAre("flags: it is empty; leave it out, or write what it is to hold",
                          "values: it is empty; leave it out, or write what it is to hold"));
  EXPECT_THAT(problems_with(tags_object(), R"({"flags":{"a":"b"},"values":[[1]]})"),
              ElementsAre("flags.a: expected true or false, found a string",
                          "values[0]: expected a single value, found a list"));
}

TEST(Table, ReportsEverythingAtOnceWithPaths) {
  EXPECT_THAT(
      problems_of(R"({"onwer":"x","color":"blue","wait":"2h","wheels":[{"spokes":0},7],"labels":{"k":1}})"),
      ElementsAre("onwer: 'onwer' is not known here; did you mean 'owner'?",
                  "color: 'blue' is not one of red and green", "wait: 2h is not between 1s and 1m",
                  "wheels[0].spokes: 0 is not a whole number between 1 and 100", "wheels[0].name: 'name' is missing",
                  "wheels[1]: expected an object, found a number", "labels.k: expected a string, found a number"));
}

TEST(Table, NullMeansAbsentUnlessRequired) {
  Cart cart;
  EXPECT_THAT(problems_of(R"({"owner":null,"wheels":[{"name":null}]})", &cart),
              ElementsAre("wheels[0].name: 'name' is required and cannot be null"));
  EXPECT_EQ(cart.owner, "nobody");
}

TEST(Table, TwoNamesOfOneFieldExcludeEachOther) {
  Cart cart;
  EXPECT_THAT(problems_of(R"({"keeper":"bob"})", &cart), ElementsAre());
  EXPECT_EQ(cart.owner, "bob");
  EXPECT_THAT(problems_of(R"({"owner":"a","keeper":"b"})"),
              ElementsAre("keeper: 'owner' is given twice under two names; keep one of them"));
}

TEST(Table, WritesMembersInItsOwnOrderAndNullForAbsentOnes) {
  Cart cart;
  cart.wheels.push_back({.name = "w"});
  EXPECT_EQ(
      json::to_text(cart_object().table().write(&cart)),
      R"({"owner":"nobody","color":"green","wait":"10s","note":null,"wheels":[{"name":"w","spokes":8}],"labels":{}})");
}

TEST(Table, JsonSchemaIsClosedAndHasDefaults) {
  const auto schema = cart_object().table().json_schema();
  EXPECT_EQ(schema.at("additionalProperties"), false);
  const auto& properties = schema.at("properties").as_object();
  EXPECT_EQ(properties.at("wait").at("default"), "10s");
  EXPECT_TRUE(properties.contains("keeper"));
  EXPECT_EQ(properties.at("wheels").at("items").at("required").at(0), "name");
}

TEST(Table, MarkdownHasOneSectionPerNestedObject) {
  const auto page = markdown_reference(cart_object().table(), 3);
  EXPECT_NE(page.find("| `wait` | duration | `10s` | How long. *Needs a restart.* |"), std::string::npos);
  EXPECT_NE(page.find("### `wheels[]`"), std::string::npos);
}

TEST(Report, LocatesTheDeepestNodeThatExists) {
  Node root;
  root.mark = {1, 1};
  auto leaf = std::make_shared<Node>();
  leaf->mark = {3, 7};
  auto list = std::make_shared<Node>();
  list->kind = Node::Kind::list;
  list->mark = {2, 2};
  list->items = {leaf};
  root.members = {{"a.b", {}, list}};
  EXPECT_EQ(locate(root, "a.b[0].missing").line, 3);
  EXPECT_EQ(locate(root, "a.b[9]").line, 2);
  EXPECT_EQ(locate(root, "zzz").line, 1);
}

}  // namespace
}  // namespace gw::schema
