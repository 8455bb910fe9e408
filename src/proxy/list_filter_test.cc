#include "proxy/list_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/event_filter.h"
#include "proxy/tool_hints.h"

namespace gw::proxy {
namespace {

using policy::Hints;
using policy::ItemKind;
using ::testing::ElementsAre;

// Hides everything whose name begins with an x.
const Shows no_x = [](ItemKind, std::string_view item, const std::optional<Hints>&) { return !item.starts_with('x'); };

std::string filtered(std::string_view message) {
  const auto result = filter_lists(message, no_x);
  EXPECT_TRUE(result) << message;
  return *result ? **result : std::string("unchanged");
}

TEST(ListFilter, CutsItemsOutAndLeavesEveryOtherByte) {
  EXPECT_EQ(
      filtered(R"( {"z":9007199254740993, "result" :{ "tools": [ {"name":"a","n":1e400} , {"name":"x"},)"
               R"({"inputSchema":{"name":"x"},"name":"b"}  ] ,"nextCursor":"x","q":[1 ]},"id":"A","jsonrpc":"2.0"})"),
      R"( {"z":9007199254740993, "result" :{ "tools": [ {"name":"a","n":1e400},)"
      R"({"inputSchema":{"name":"x"},"name":"b"}  ] ,"nextCursor":"x","q":[1 ]},"id":"A","jsonrpc":"2.0"})");
}

TEST(ListFilter, KeepsTheListWellFormedWhereverItemsGo) {
  const auto list = [](std::string_view items) {
    std::string text = R"({"result":{"prompts":[)";
    text += items;
    return text + "]}}";
  };
  const std::string a = R"({"name":"a"})", b = R"({"name":"b"})", x = R"({"name":"x"})", y = R"({"name":"xy"})";
  EXPECT_EQ(filtered(list(x)), list(""));
  EXPECT_EQ(filtered(list(x + " , " + y)), list(""));
  EXPECT_EQ(filtered(list(x + ", " + a)), list(a));
  EXPECT_EQ(filtered(list(x + "," + y + " ," + a + "," + b)), list(a + "," + b));
  EXPECT_EQ(filtered(list(a + ", " + x)), list(a));
  EXPECT_EQ(filtered(list(a + "," + x + "," + y)), list(a));
  EXPECT_EQ(filtered(list(a + ", " + x + ", " + b)), list(a + ", " + b));
  EXPECT_EQ(filtered(list(x + "," + a + "," + y + "," + b + "," + x)), list(a + "," + b));
  EXPECT_EQ(filtered(list("")), "unchanged");
}

TEST(ListFilter, KnowsTheListsOfAllKinds) {
  std::vector<std::string> seen;
  const Shows note = [&](ItemKind kind, std::string_view item, const std::optional<Hints>& hints) {
    seen.push_back(fmt::format("{} {} {}", static_cast<int>(kind), item, hints.has_value()));
    return true;
  };
  const auto result = filter_lists(
      R"([{"result":{"tools":[{"name":"t\u0061"}],"prompts":[{"name":"p"}]}},{"method":"x","params":{"tools":[1]}},)"
      R"({"result":{"resources":[{"uri":"file:///r","name":"n"}],"resourceTemplates":[{"uriTemplate":"file:///{p}"}]}}])",
      note);
  ASSERT_TRUE(result);
  EXPECT_FALSE(*result);
  EXPECT_THAT(seen, ElementsAre("1 ta true", "2 p false", "3 file:///r false", "3 file:///{p} false"));
}

TEST(ListFilter, HandsOutHintsWithTheDefaultsOfTheProtocol) {
  std::vector<Hints> seen;
  const Shows note = [&](ItemKind, std::string_view, const std::optional<Hints>& hints) {
    seen.push_back(hints.value());
    return true;
  };
  ASSERT_TRUE(filter_lists(R"({"result":{"tools":[{"name":"a"},{"name":"b","annotations":{"readOnlyHint":true,)"
                           R"("destructiveHint":false,"idempotentHint":true,"openWorldHint":"no"}}]}})",
                           note));
  EXPECT_THAT(seen, ElementsAre(Hints{}, Hints{.read_only = true, .destructive = false, .idempotent = true}));
}

TEST(ListFilter, RemovesWhatTwoReadersCouldReadDifferently) {
  EXPECT_EQ(filtered(R"({"result":{"tools":[{"name":"a","name":"b"},{"name":1},{},7,{"title":"a"}]}})"),
            R"({"result":{"tools":[]}})");
  EXPECT_EQ(filtered(R"({"result":{"tools":[{"name":"x"}],"tools":[{"name":"x"}]},"result":{"tools":[{"name":"x"}]}})"),
            R"({"result":{"tools":[],"tools":[]},"result":{"tools":[]}})");
  EXPECT_EQ(filtered(R"({"r\u0065sult":{"t\u006fols":[{"n\u0061me":"\u0078"}]}})"),
            R"({"r\u0065sult":{"t\u006fols":[]}})");
}

TEST(ListFilter, FailsClosedOnWhatIsNoJson) {
  for (const auto* text : {"", "{", R"({"result":{"tools":[{"name":"a"},]}})", R"({"result":{"x":NaN}})", "{} {}"}) {
    EXPECT_FALSE(filter_lists(text, no_x)) << text;
  }
  EXPECT_FALSE(filter_lists(std::string(100'000, '['), no_x));
}

std::string through(const std::vector<std::string>& pieces) {
  EventFilter filter(no_x);
  std::string out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto passed = filter.feed(pieces[i], i + 1 == pieces.size());
    EXPECT_TRUE(passed);
    if (passed) out += *passed;
  }
  return out;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

TEST(EventFilter, FiltersEventsHoweverTheyAreCut) {
  const std::string before =
      "\xEF\xBB\xBF: hi\nid: 1\ndata:\n\nevent: message\nid: 2\ndata: {\"result\":{\"tools\":\ndata: "
      "[{\"name\":\"x\"},\ndata:{\"name\":\"a\"}]}}\nretry: 5\n\n: c\n\nevent: other\ndata: no json\n\n"
      "data: {\"result\" : 9007199254740993}\n\n\n";
  const std::string after =
      "\xEF\xBB\xBF: hi\nid: 1\ndata:\n\nevent: message\nid: 2\ndata: {\"result\":{\"tools\":\ndata: "
      "[{\"name\":\"a\"}]}}\nretry: 5\n\n: c\n\nevent: other\ndata: no json\n\n"
      "data: {\"result\" : 9007199254740993}\n\n\n";
  for (const std::string_view line_end : {"\n", "\r\n", "\r"}) {
    const std::string in = replace_all(before, "\n", line_end);
    const std::string out = replace_all(after, "\n", line_end);
    EXPECT_EQ(through({in}), out);
    for (std::size_t cut = 0; cut <= in.size(); ++cut) {
      EXPECT_EQ(through({in.substr(0, cut), in.substr(cut)}), out) << cut;
    }
    std::vector<std::string> bytes;
    for (const char c : in) bytes.emplace_back(1, c);
    EXPECT_EQ(through(bytes), out);
  }
}

TEST(EventFilter, SendsEachEventOnAsSoonAsItIsComplete) {
  EventFilter filter(no_x);
  EXPECT_EQ(*filter.feed("data: 1\r\n\r", false), "data: 1\r\n\r");
  EXPECT_EQ(*filter.feed("\n", false), "\n");
  EXPECT_EQ(*filter.feed("data: 2\n\ndata: 3", false), "data: 2\n\n");
  EXPECT_EQ(*filter.feed("\n", false), "");
  EXPECT_EQ(*filter.feed("\n", false), "data: 3\n\n");
}

TEST(EventFilter, ChecksAnEventThatNoBlankLineEnds) {
  EXPECT_EQ(through({"data: {\"result\":{\"tools\":[{\"name\":\"x\"}]}}"}), "data: {\"result\":{\"tools\":[]}}\n");
  EventFilter filter(no_x);
  EXPECT_FALSE(filter.feed("data: {\"result\":{\"tools\":[{\"na", true));
}

TEST(EventFilter, FailsClosed) {
  EXPECT_FALSE(EventFilter(no_x).feed("data: {'result':{}}\n\n", false));
  EventFilter filter(no_x);
  const std::string block(1 << 20, 'a');
  ASSERT_TRUE(filter.feed("data: ", false));
  bool refused = false;
  for (int i = 0; i < 20 && !refused; ++i) refused = !filter.feed(block, false);
  EXPECT_TRUE(refused);
}

TEST(ToolHints, AreKnownByAdapterAndBounded) {
  ToolHints hints(2);
  hints.learn("a", "t", {.read_only = true});
  EXPECT_TRUE(hints.find("a", "t")->read_only);
  EXPECT_FALSE(hints.find("b", "t"));
  hints.learn("a", "t", {});
  EXPECT_FALSE(hints.find("a", "t")->read_only);
  hints.learn("a", "u", {});
  hints.learn("a", "v", {});
  EXPECT_EQ(hints.size(), 1u);
  EXPECT_TRUE(hints.find("a", "v"));
  hints.learn("a", std::string(2000, 'n'), {});
  EXPECT_EQ(hints.size(), 1u);
}

}  // namespace
}  // namespace gw::proxy
