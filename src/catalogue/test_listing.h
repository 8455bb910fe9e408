// Listings for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "catalogue/snapshot.h"

namespace gw::catalogue {

inline Definition definition_of(Kind kind, std::string_view json) {
  auto made = read_definition(kind, json);
  if (!made) ADD_FAILURE() << made.error().message() << "\n" << json;
  return made ? *std::move(made) : Definition{};
}

inline Definition tool(const std::string& name, const std::string& more = "") {
  return definition_of(Kind::tool, R"({"name":")" + name + R"(","inputSchema":{"type":"object"})" + more + "}");
}
inline Definition prompt(const std::string& name) {
  return definition_of(Kind::prompt, R"({"name":")" + name + "\"}");
}
inline Definition resource(const std::string& uri) {
  return definition_of(Kind::resource, R"({"uri":")" + uri + R"(","name":"n"})");
}
inline Definition uri_template(const std::string& uri) {
  return definition_of(Kind::resource_template, R"({"uriTemplate":")" + uri + R"(","name":"n"})");
}

inline ListingPtr listing(std::string adapter, std::vector<Definition> definitions) {
  return std::make_shared<Listing>(Listing{.adapter = std::move(adapter), .definitions = std::move(definitions)});
}

inline std::vector<std::string> names(const SnapshotPtr& snapshot, Kind kind = Kind::tool) {
  std::vector<std::string> names;
  for (const Item& item : snapshot->items(kind)) names.push_back(item.name);
  return names;
}

// "name<adapter:upstream name", the reverse way of each item.
inline std::vector<std::string> routes(const SnapshotPtr& snapshot, Kind kind = Kind::tool) {
  std::vector<std::string> routes;
  for (const Item& item : snapshot->items(kind))
    routes.push_back(item.name + "<" + item.adapter + ":" + item.upstream_name);
  return routes;
}

}  // namespace gw::catalogue
