// A document as it was written, before anybody knows what it means: a tree that JSON and YAML texts both become.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

namespace gw::schema {

// Where a value stands in its text, counted from 1; 0 where that is not known.
struct Mark {
  int line = 0;
  int column = 0;
};

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Member {
  std::string name;
  Mark mark;
  NodePtr value;
};

// Immutable once built. A YAML alias shares the node of its anchor, so the tree is a directed graph without cycles.
struct Node {
  enum class Kind { null, boolean, number, string, list, object };

  Kind kind = Kind::null;
  Mark mark;
  std::string text;       // Of a boolean or number: as it was written. Of a string: its value.
  bool verbatim = false;  // YAML: a plain scalar may stand where a string is expected, with its text.
  std::vector<NodePtr> items;
  std::vector<Member> members;  // In the order of the text; names are unique.

  bool is_scalar() const { return kind != Kind::list && kind != Kind::object; }
  const Node* find(std::string_view name) const;
};

// "a string", "a number", "a list": for messages.
std::string_view describe(Node::Kind kind);

NodePtr node_of(const boost::json::value& value);

}  // namespace gw::schema
