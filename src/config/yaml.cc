#include "config/yaml.h"

#include <map>
#include <set>
#include <sstream>

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/strings.h"

namespace gw::config {
namespace {

using schema::Mark;
using schema::Member;
using schema::Node;
using schema::NodePtr;
using schema::Problem;
using Kind = Node::Kind;

constexpr std::string_view string_tag = "tag:yaml.org,2002:str";
constexpr std::string_view standard_tags = "tag:yaml.org,2002:";

Mark mark_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

// Unwinds the parser after a problem that makes going on pointless.
struct Stop {};

bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const auto take_digits = [&text] {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(end);
    return end > 0;
  };
  if (!take_digits()) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    take_digits();
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (!take_digits()) return false;
  }
  return text.empty();
}

// The core schema of YAML 1.2: yes, no, on and off are strings.
Kind kind_of_plain(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return Kind::null;
  for (const char* name : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == name) return Kind::boolean;
  }
  return is_number(text) ? Kind::number : Kind::string;
}

class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const YamlLimits& limits) : limits_(limits) {}

  NodePtr root() const { return root_; }
  std::vector<Problem>& problems() { return problems_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) stop(mark_of(mark), "the file holds a second document (---); write everything in one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add_leaf(Kind::null, mark, anchor, {}, false); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const bool plain = tag == "?";
    if (!plain && tag != "!" && !tag.empty() && tag != string_tag) refuse_tag(mark, tag);
    add_leaf(plain ? kind_of_plain(text) : Kind::string, mark, anchor, text, plain);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) stop(mark_of(mark), "this alias refers to something that contains it");
    if (wants_key()) return refuse_key(mark_of(mark));
    add(found->second, mark_of(mark));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Kind::object, mark, tag, anchor);
  }
  void OnMapEnd() override {
    merge(*open_.back().node);
    close();
  }

 private:
  // A finished value with its size and height, aliases expanded.
  struct Built {
    NodePtr node;
    std::size_t nodes = 1;
    std::size_t height = 0;
  };

  struct Open {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor;
    std::set<std::string> names;
    std::optional<Member> key;  // Of an object: waits for its value.
    bool bad_key = false;       // The value of a key that was refused is dropped.
    Built size{};
  };

  bool wants_key() const {
    return !open_.empty() && open_.back().node->kind == Kind::object && !open_.back().key && !open_.back().bad_key;
  }

  void add_leaf(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, std::string text, bool plain) {
    if (wants_key()) return take_key(std::move(text), mark_of(mark));
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->mark = mark_of(mark);
    node->text = std::move(text);
    node->verbatim = plain;
    finish({std::move(node)}, anchor);
  }

  void take_key(std::string name, Mark mark) {
    Open& object = open_.back();
    object.key = Member{name, mark, nullptr};
    if (!object.names.insert(name).second) problem(mark, fmt::format("'{}' is given twice", printable(name, 60)));
  }

  void refuse_key(Mark mark) {
    problem(mark, "a key must be a plain word");
    open_.back().bad_key = true;
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    problem(mark_of(mark), fmt::format("the tag {} is not supported; leave it out", printable(tag, 60)));
  }

  void open(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (wants_key()) refuse_key(mark_of(mark));
    if (tag != "?" && tag != "!" && !tag.empty() && !tag.starts_with(standard_tags)) refuse_tag(mark, tag);
    if (open_.size() >= limits_.depth) stop_too_deep(mark_of(mark));
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->mark = mark_of(mark);
    open_.push_back({.node = std::move(node), .anchor = anchor});
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    finish({std::move(closed.node), closed.size.nodes, closed.size.height + 1}, closed.anchor);
  }

  void finish(Built built, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = built;
    const Mark mark = built.node->mark;
    add(std::move(built), mark);
  }

  void add(Built built, Mark mark) {
    if (open_.empty()) {
      root_ = built.node;
      return;
    }
    Open& parent = open_.back();
    parent.size.nodes += built.nodes;
    parent.size.height = std::max(parent.size.height, built.height);
    if (parent.size.nodes > limits_.nodes) {
      stop(mark, fmt::format("the document has more than {} values once its aliases are expanded", limits_.nodes));
    }
    if (open_.size() + built.height > limits_.depth) stop_too_deep(mark);
    if (parent.node->kind == Kind::list) {
      parent.node->items.push_back(std::move(built.node));
    } else if (parent.key) {
      parent.key->value = std::move(built.node);
      parent.node->members.push_back(*std::move(parent.key));
    }
    parent.key.reset();
    parent.bad_key = false;
  }

  // Replaces `<<: *defaults` by the members of that object which are not given here.
  void merge(Node& object) {
    const auto is_merge = [](const Member& member) { return member.name == "<<"; };
    const auto found = std::ranges::find_if(object.members, is_merge);
    if (found == object.members.end()) return;
    const Member merged = *found;
    object.members.erase(found);
    if (merged.value->kind == Kind::list) {
      for (const NodePtr& item : merged.value->items) merge_members(object, *item, merged.mark);
    } else {
      merge_members(object, *merged.value, merged.mark);
    }
  }

  void merge_members(Node& object, const Node& defaults, Mark mark) {
    if (defaults.kind != Kind::object) return problem(mark, "'<<' takes an object or a list of objects");
    for (const Member& member : defaults.members) {
      if (open_.back().names.insert(member.name).second) object.members.push_back(member);
    }
  }

  std::string path() const {
    std::string path;
    for (const Open& open : open_) {
      if (open.node->kind == Kind::list) {
        path += fmt::format("[{}]", open.node->items.size());
      } else if (open.key) {
        path += (path.empty() ? "" : ".") + printable(open.key->name, 60);
      }
    }
    return path;
  }

  void problem(Mark mark, std::string message) {
    problems_.push_back({path(), std::move(message), mark});
    if (problems_.size() >= schema::Report::max_problems) throw Stop{};
  }

  [[noreturn]] void stop(Mark mark, std::string message) {
    problems_.push_back({path(), std::move(message), mark});
    throw Stop{};
  }

  [[noreturn]] void stop_too_deep(Mark mark) {
    stop(mark, fmt::format("lists and objects are nested more than {} deep", limits_.depth));
  }

  const YamlLimits limits_;
  int documents_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Built> anchors_;
  NodePtr root_;
  std::vector<Problem> problems_;
};

std::vector<Problem> find_tabs(std::string_view text) {
  std::vector<Problem> problems;
  int line = 0;
  while (!text.empty() && problems.size() < schema::Report::max_problems) {
    ++line;
    const auto end = std::min(text.find('\n'), text.size());
    const auto content = text.substr(0, end).find_first_not_of(" \t\r");
    const auto tab = text.substr(0, end).find('\t');
    if (content != std::string_view::npos && tab < content) {
      problems.push_back({"", "a tab cannot indent YAML; use spaces", {line, static_cast<int>(tab) + 1}});
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return problems;
}

std::expected<NodePtr, std::vector<Problem>> build(std::string_view text, const YamlLimits& limits) {
  std::istringstream stream{std::string(text)};
  Builder builder(limits);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
  } catch (const YAML::Exception& error) {
    builder.problems().push_back({"", "this is not valid YAML: " + error.msg, mark_of(error.mark)});
  } catch (const std::exception& error) {
    builder.problems().push_back({"", std::string("this is not valid YAML: ") + error.what(), {1, 1}});
  }
  if (!builder.problems().empty()) return std::unexpected(std::move(builder.problems()));
  const NodePtr root = builder.root();
  if (root && root->kind != Kind::null) return root;
  auto empty = std::make_shared<Node>();
  empty->kind = Kind::object;
  empty->mark = {1, 1};
  return empty;
}

}  // namespace

std::expected<NodePtr, std::vector<Problem>> parse_yaml(std::string_view text, const YamlLimits& limits) {
  const auto refuse = [](std::string message) {
    return std::unexpected(std::vector{Problem{"", std::move(message), {1, 1}}});
  };
  if (text.size() > limits.bytes) return refuse(fmt::format("the file is larger than {} bytes", limits.bytes));
  if (!is_utf8(text)) return refuse("the file is not UTF-8 text");
  if (text.find('\0') != std::string_view::npos) return refuse("the file has a NUL character");
  if (auto tabs = find_tabs(text); !tabs.empty()) return std::unexpected(std::move(tabs));
  return build(text, limits);
}

}  // namespace gw::config
