#include "control/api.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/strings.h"
#include "http/target.h"

namespace gw::control {
namespace {

// What {name} stands for when `path` fits the pattern; empty when the pattern has none.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  const auto wanted = http::path_segments(pattern);
  const auto given = http::path_segments(path);
  if (wanted.size() != given.size()) return {};
  std::string name;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == "{name}") {
      auto decoded = http::percent_decode(given[i]);
      if (!decoded || decoded->empty()) return {};
      name = *std::move(decoded);
    } else if (wanted[i] != given[i]) {
      return {};
    }
  }
  return name;
}

// A HEAD request is answered as a GET request; the server leaves out the body.
bool offers(const ApiRoute& route, http::Method method) {
  return route.method == method || (route.method == http::Method::get && method == http::Method::head);
}

std::string allowed(const std::vector<const ApiRoute*>& routes) {
  std::string methods;
  for (const ApiRoute* route : routes) {
    methods += fmt::format("{}{}", methods.empty() ? "" : ", ", http::to_string(route->method));
    if (route->method == http::Method::get) methods += ", HEAD";
  }
  return methods;
}

}  // namespace

std::optional<std::string> Call::query(std::string_view parameter) const {
  return http::query_parameter(exchange.request().query, parameter);
}

void Api::add(std::vector<ApiRoute> routes) {
  std::ranges::move(routes, std::back_inserter(routes_));
}

Task<Result<>> Api::handle(http::Exchange& exchange) {
  Answer reply = co_await answer(exchange);
  co_return co_await send(exchange, std::move(reply));
}

Task<Answer> Api::answer(http::Exchange& exchange) {
  const http::RequestHead& request = exchange.request();
  std::vector<const ApiRoute*> there;
  for (const ApiRoute& route : routes_) {
    auto name = match(route.path, request.path);
    if (!name) continue;
    there.push_back(&route);
    if (!offers(route, request.method)) continue;
    Call call{exchange, *std::move(name)};
    co_return co_await route.handler(call);
  }
  if (there.empty()) {
    co_return problem(404, to_string(Errc::not_found),
                      fmt::format("there is nothing at {}; GET / lists what there is", printable(request.path)));
  }
  const std::string methods = allowed(there);
  co_return problem(405, "method_not_allowed",
                    fmt::format("{} is not offered at {}; use {}", printable(request.method_text, 20),
                                printable(request.path), methods))
      .with("Allow", methods);
}

}  // namespace gw::control
