#include "control/api.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/check.h"
#include "base/strings.h"
#include "control/audited_change.h"
#include "http/target.h"

namespace gw::control {
namespace {

// What {name} or {id} stands for when `path` fits the pattern; empty when the pattern has none.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  const auto wanted = http::path_segments(pattern);
  const auto given = http::path_segments(path);
  if (wanted.size() != given.size()) return {};
  std::string name;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
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

bool is_json(std::string_view type) {
  const std::string_view media = trim(type.substr(0, type.find(';')));
  return http::is_media_type(type, "application/json") ||
         (media.starts_with("application/") && media.ends_with("+json"));
}

// The whole body, when it says that it is JSON.
Task<std::expected<std::string, Answer>> json_body(http::Exchange& exchange) {
  if (!is_json(exchange.request().fields.get(http::Name::content_type))) {
    co_return std::unexpected(problem(415, "unsupported_media_type",
                                      "the request body must be JSON: send it with Content-Type: application/json"));
  }
  auto body = co_await exchange.read_whole_body(Api::max_body);
  if (!body) co_return std::unexpected(problem(body.error()));
  co_return *std::move(body);
}

Answer forbidden(const std::string& detail) {
  return problem(Error(Errc::forbidden, detail));
}

}  // namespace

std::optional<std::string> Call::query(std::string_view parameter) const {
  return http::query_parameter(exchange.request().query, parameter);
}

void Api::add(std::vector<ApiRoute> routes) {
  for (const ApiRoute& route : routes) GW_CHECK(rule_of(route.operation) != nullptr, route.path);
  std::ranges::move(routes, std::back_inserter(routes_));
}

void Api::add(Kind kind, Resources resources) {
  resources_.insert_or_assign(kind, std::move(resources));
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
    co_return co_await serve(route, exchange, *std::move(name));
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

Task<Answer> Api::serve(const ApiRoute& route, http::Exchange& exchange, std::string name) {
  Call call{exchange, audit_, identity::from_text(exchange.request().fields.get(http::Name::x_gateway_caller)),
            std::move(name)};
  if (call.caller == nullptr) {
    co_return problem(Error(Errc::internal, "the gateway does not know who asks; this is a defect of the gateway"));
  }
  if (route.takes == Takes::json) {
    auto body = co_await json_body(exchange);
    if (!body) co_return body.error();
    call.body = *std::move(body);
  }
  if (auto refused = refuse(route, call)) co_return *std::move(refused);
  co_return co_await route.handler(call);
}

std::optional<Answer> Api::refuse(const ApiRoute& route, const Call& call) const {
  const Rule& rule = *rule_of(route.operation);
  const auto found = resources_.find(route.operation.kind);
  std::optional<identity::Ownership> what;
  if (found != resources_.end() && !call.name.empty()) what = found->second.owner(call.name);
  const Permission permission = permission_of(*call.caller, rule, what, access_.admin_role);
  if (permission == Permission::granted) return {};
  if (what || permission == Permission::denied) {
    const bool adapter = route.operation.kind == Kind::adapter || route.operation.kind == Kind::tool;
    record_denial(call, fmt::format("{} {}", to_string(route.method), route.path),
                  {.adapter = adapter ? call.name : "", .item = adapter ? "" : call.name}, "roles");
  }
  if (permission == Permission::hidden) return problem(found->second.not_found(call.name));
  return denied(route, call, what);
}

Answer Api::denied(const ApiRoute& route, const Call& call, const std::optional<identity::Ownership>& what) const {
  if (is_stranger(*call.caller)) return forbidden("this needs an identity: authenticate");
  if (!what) return forbidden(fmt::format("this is for administrators, who have the role '{}'", access_.admin_role));
  const std::string owner = what->created_by.empty() ? "" : fmt::format("'{}', who created it, and ", what->created_by);
  return forbidden(fmt::format("{} '{}' may be changed only by {}administrators, who have the role '{}'",
                               resources_.at(route.operation.kind).what, call.name, owner, access_.admin_role));
}

}  // namespace gw::control
