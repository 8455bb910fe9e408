#include "schema/report.h"

#include <fmt/core.h>

#include "base/strings.h"

namespace gw::schema {

void Report::add(Mark mark, std::string message) {
  if (problems_.size() < max_problems) problems_.push_back({path_, std::move(message), mark});
}

Report::Inside::Inside(Report& report, std::string_view member) : report_(report), length_(report.path_.size()) {
  if (!report.path_.empty()) report.path_ += '.';
  report.path_ += printable(member, 80);
}

Report::Inside::Inside(Report& report, std::size_t index) : report_(report), length_(report.path_.size()) {
  report.path_ += fmt::format("[{}]", index);
}

namespace {

const Node* step(const Node& node, std::string_view& field) {
  if (field.starts_with('[')) {
    const auto end = field.find(']');
    const auto index = parse_unsigned(field.substr(1, end - 1));
    field.remove_prefix(std::min(end, field.size() - 1) + 1);
    return index && *index < node.items.size() ? node.items[*index].get() : nullptr;
  }
  // Names may contain dots: the longest member that fits wins.
  const Member* best = nullptr;
  for (const Member& member : node.members) {
    const bool fits =
        field.starts_with(member.name) &&
        (field.size() == member.name.size() || field[member.name.size()] == '.' || field[member.name.size()] == '[');
    if (fits && (!best || member.name.size() > best->name.size())) best = &member;
  }
  if (!best) return nullptr;
  field.remove_prefix(best->name.size());
  return best->value.get();
}

}  // namespace

Mark locate(const Node& root, std::string_view field) {
  const Node* node = &root;
  while (!field.empty()) {
    if (field.starts_with('.')) field.remove_prefix(1);
    const Node* next = step(*node, field);
    if (!next) break;
    node = next;
  }
  return node->mark;
}

}  // namespace gw::schema
