#include "schema/node.h"

#include <boost/json.hpp>

namespace gw::schema {

const Node* Node::find(std::string_view name) const {
  for (const Member& member : members) {
    if (member.name == name) return member.value.get();
  }
  return nullptr;
}

std::string_view describe(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::boolean: return "a boolean";
    case Node::Kind::number: return "a number";
    case Node::Kind::string: return "a string";
    case Node::Kind::list: return "a list";
    case Node::Kind::object: return "an object";
  }
  return "something else";
}

NodePtr node_of(const boost::json::value& value) {
  auto node = std::make_shared<Node>();
  if (value.is_bool() || value.is_number()) {
    node->kind = value.is_bool() ? Node::Kind::boolean : Node::Kind::number;
    node->text = boost::json::serialize(value);
  } else if (value.is_string()) {
    node->kind = Node::Kind::string;
    node->text = value.get_string();
  } else if (value.is_array()) {
    node->kind = Node::Kind::list;
    for (const auto& item : value.get_array()) node->items.push_back(node_of(item));
  } else if (value.is_object()) {
    node->kind = Node::Kind::object;
    for (const auto& [name, member] : value.get_object()) node->members.push_back({name, {}, node_of(member)});
  }
  return node;
}

}  // namespace gw::schema
