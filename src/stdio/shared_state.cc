#include "stdio/shared_state.h"

#include <algorithm>
#include <array>

namespace gw::stdio {
namespace {

constexpr std::array<std::string_view, 8> levels = {"\"debug\"", "\"info\"",     "\"notice\"", "\"warning\"",
                                                    "\"error\"", "\"critical\"", "\"alert\"",  "\"emergency\""};

std::optional<std::size_t> rank(std::string_view level) {
  const auto found = std::find(levels.begin(), levels.end(), level);
  if (found == levels.end()) return {};
  return static_cast<std::size_t>(found - levels.begin());
}

}  // namespace

void Subscriptions::add(ClientId client, std::string_view uri) {
  clients_[std::string(uri)].insert(client);
}

bool Subscriptions::remove(ClientId client, std::string_view uri) {
  const auto found = clients_.find(uri);
  if (found == clients_.end()) return true;
  found->second.erase(client);
  if (!found->second.empty()) return false;
  clients_.erase(found);
  return true;
}

std::vector<std::string> Subscriptions::remove_client(ClientId client) {
  std::vector<std::string> orphaned;
  for (auto entry = clients_.begin(); entry != clients_.end();) {
    auto& [uri, clients] = *entry;
    if (clients.erase(client) > 0 && clients.empty()) {
      orphaned.push_back(uri);
      entry = clients_.erase(entry);
    } else {
      ++entry;
    }
  }
  return orphaned;
}

const std::set<ClientId>* Subscriptions::clients_of(std::string_view uri) const {
  const auto found = clients_.find(uri);
  return found == clients_.end() ? nullptr : &found->second;
}

bool LogLevels::set(ClientId client, std::string_view level) {
  const auto index = rank(level);
  if (index) levels_[client] = *index;
  return index.has_value();
}

bool LogLevels::remove_client(ClientId client) {
  const auto before = lowest();
  levels_.erase(client);
  return lowest() != before;
}

std::string_view LogLevels::lowest() const {
  const auto by_rank = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto least = std::min_element(levels_.begin(), levels_.end(), by_rank);
  return least == levels_.end() ? std::string_view() : levels[least->second];
}

bool LogLevels::wants(ClientId client, std::string_view level) const {
  const auto asked = levels_.find(client);
  const auto index = rank(level);
  return asked == levels_.end() || !index || *index >= asked->second;
}

}  // namespace gw::stdio
