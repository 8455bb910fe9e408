// What the clients of one shared child have asked for, added up.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gw::stdio {

using ClientId = std::uint64_t;

// Who wants to hear of changes of which resource. URIs are raw JSON strings.
class Subscriptions {
 public:
  void add(ClientId client, std::string_view uri);
  // True when nobody is left who wants it.
  bool remove(ClientId client, std::string_view uri);
  // The URIs that only this client wanted.
  std::vector<std::string> remove_client(ClientId client);
  // Null when nobody wants it.
  const std::set<ClientId>* clients_of(std::string_view uri) const;

 private:
  std::map<std::string, std::set<ClientId>, std::less<>> clients_;
};

// The log levels that clients have set: the child is told the lowest, each client gets what it asked for.
class LogLevels {
 public:
  // False for an unknown level (raw JSON string), which changes nothing.
  bool set(ClientId client, std::string_view level);
  // True when the lowest level changed.
  bool remove_client(ClientId client);
  // The lowest level asked for, as a raw JSON string; empty when nobody asked.
  std::string_view lowest() const;
  // Whether the client wants a message of `level`: it does when it never said.
  bool wants(ClientId client, std::string_view level) const;
  bool has_set(ClientId client) const { return levels_.contains(client); }

 private:
  std::map<ClientId, std::size_t> levels_;  // Index into the list of levels.
};

}  // namespace gw::stdio
