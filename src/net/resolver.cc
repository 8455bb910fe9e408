#include "net/resolver.h"

#include <netdb.h>

#include <memory>

namespace gw::net {
namespace {

constexpr Duration lifetime = std::chrono::seconds(10);
constexpr std::size_t max_entries = 1000;

Result<std::vector<SocketAddress>> ask_system(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return fail(Errc::unavailable, "cannot resolve host '{}': {}", host, ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> guard(found, ::freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    addresses.emplace_back(info->ai_addr, info->ai_addrlen);
  }
  return addresses;
}

}  // namespace

Task<Result<std::vector<SocketAddress>>> Resolver::resolve(std::string host, std::uint16_t port) {
  if (const auto numeric = SocketAddress::from_numeric(host, port)) {
    co_return std::vector<SocketAddress>{*numeric};
  }
  const std::string key = fmt::format("{}:{}", host, port);
  if (const auto it = cache_.find(key); it != cache_.end() && it->second.expires > steady_now()) {
    co_return it->second.addresses;
  }
  std::shared_ptr<Lookup> lookup = running_[key];
  if (lookup == nullptr) {
    lookup = running_[key] = std::make_shared<Lookup>();
    lookups_.spawn("net.resolve", look_up(host, port, key, lookup));
  }
  co_await lookup->done;
  co_return lookup->addresses;
}

Task<> Resolver::look_up(std::string host, std::uint16_t port, std::string key, std::shared_ptr<Lookup> lookup) {
  lookup->addresses = co_await pool_.run([host, port] { return ask_system(host, port); });
  if (lookup->addresses) {
    if (cache_.size() >= max_entries) cache_.clear();
    cache_[key] = {*lookup->addresses, steady_now() + lifetime};
  }
  running_.erase(key);
  lookup->done.set();
}

}  // namespace gw::net
