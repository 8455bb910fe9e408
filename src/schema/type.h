// Types of values: how a value of one C++ type is read from a document, written to JSON and described in documentation.
//
//   Of<Duration> wait = duration(std::chrono::seconds(1), std::chrono::hours(1));
//
// Type is the type-erased description; Of<T> remembers which C++ type it is of. Both are immutable and shared.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "runtime/time.h"
#include "schema/node.h"
#include "schema/report.h"

namespace gw::schema {

class Table;

class Type {
 public:
  virtual ~Type() = default;
  // Sets *value, or reports why not and leaves it as it was.
  virtual void read(const Node& node, void* value, Report& report) const = 0;
  virtual boost::json::value write(const void* value) const = 0;
  // A JSON Schema (2020-12) of the values that read() takes.
  virtual boost::json::object json_schema() const = 0;
  // "duration", "list of strings": for the reference.
  virtual std::string name() const = 0;
  // The members, where the value or the items of the list are objects of ours.
  virtual const Table* table() const { return nullptr; }
};

using TypePtr = std::shared_ptr<const Type>;

template <class T>
struct Of {
  TypePtr type;
};

Of<std::string> text();
Of<bool> boolean();
Of<std::uint64_t> count(std::uint64_t min = 0, std::uint64_t max = std::numeric_limits<std::int64_t>::max());
Of<std::uint32_t> small_count(std::uint32_t min, std::uint32_t max);
Of<std::uint16_t> port_number();  // 1 to 65535.
Of<Duration> duration(Duration min, Duration max);
Of<std::uint64_t> size(std::uint64_t min, std::uint64_t max);
Of<std::vector<std::string>> texts();
// Any single value as its JSON text: "\"ann\"", "17", "true", "null".
Of<std::string> scalar();
// Any object as its JSON text, with the members and the digits of numbers as they were written.
Of<std::string> json_object();
// One of these words.
Of<std::string> one_of(std::vector<std::string> words);
// Names to strings. `what` is the word for a name, such as "header".
Of<std::map<std::string, std::string>> text_map(std::string what);

namespace detail {

struct Choice {
  std::string name;
  int value;
};
struct EnumAccess {
  void (*set)(void* value, int chosen);
  int (*get)(const void* value);
};
TypePtr make_choice(std::vector<Choice> choices, EnumAccess access);

struct ListAccess {
  void (*clear)(void* list);
  void* (*append)(void* list);
  std::size_t (*size)(const void* list);
  const void* (*at)(const void* list, std::size_t index);
};
TypePtr make_list(TypePtr item, ListAccess access);

struct OptionalAccess {
  void* (*emplace)(void* optional);
  void (*reset)(void* optional);
  const void* (*get)(const void* optional);  // Null when empty.
};
TypePtr make_optional(TypePtr inner, OptionalAccess access);

struct MapAccess {
  void (*clear)(void* map);
  void* (*at)(void* map, const std::string& name);  // Makes it where there is none.
  void (*each)(const void* map, const std::function<void(const std::string& name, const void* value)>& visit);
};
TypePtr make_map(std::string what, TypePtr item, MapAccess access);

TypePtr make_filled(TypePtr inner);

}  // namespace detail

// One of the names: choice<Transport>({{"http", Transport::http}, …}).
template <class E>
Of<E> choice(std::initializer_list<std::pair<std::string, E>> choices) {
  std::vector<detail::Choice> erased;
  for (const auto& [name, value] : choices) erased.push_back({name, static_cast<int>(value)});
  return {detail::make_choice(
      std::move(erased), {.set = [](void* value, int chosen) { *static_cast<E*>(value) = static_cast<E>(chosen); },
                          .get = [](const void* value) { return static_cast<int>(*static_cast<const E*>(value)); }})};
}

template <class T>
Of<std::vector<T>> list(const Of<T>& item) {
  using List = std::vector<T>;
  return {detail::make_list(
      item.type,
      {.clear = [](void* list) { static_cast<List*>(list)->clear(); },
       .append = [](void* list) -> void* { return &static_cast<List*>(list)->emplace_back(); },
       .size = [](const void* list) { return static_cast<const List*>(list)->size(); },
       .at = [](const void* list, std::size_t i) -> const void* { return &(*static_cast<const List*>(list))[i]; }})};
}

template <class T>
Of<std::optional<T>> optional(const Of<T>& inner) {
  using Optional = std::optional<T>;
  return {detail::make_optional(
      inner.type, {.emplace = [](void* value) -> void* { return &static_cast<Optional*>(value)->emplace(); },
                   .reset = [](void* value) { static_cast<Optional*>(value)->reset(); },
                   .get = [](const void* value) -> const void* {
                     const auto& held = *static_cast<const Optional*>(value);
                     return held ? &*held : nullptr;
                   }})};
}

// Names to values. `what` is the word for a name, such as "header".
template <class T>
Of<std::map<std::string, T>> map(std::string what, const Of<T>& item) {
  using Map = std::map<std::string, T>;
  return {detail::make_map(
      std::move(what), item.type,
      {.clear = [](void* map) { static_cast<Map*>(map)->clear(); },
       .at = [](void* map, const std::string& name) -> void* { return &(*static_cast<Map*>(map))[name]; },
       .each =
           [](const void* map, const std::function<void(const std::string&, const void*)>& visit) {
             for (const auto& [name, value] : *static_cast<const Map*>(map)) visit(name, &value);
           }})};
}

// A list or map that has something in it when it is given: for those where leaving it out means "any".
template <class T>
Of<T> filled(Of<T> inner) {
  return {detail::make_filled(std::move(inner.type))};
}

}  // namespace gw::schema
