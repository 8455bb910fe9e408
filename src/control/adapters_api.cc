#include "control/adapters_api.h"

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "http/target.h"
#include "model/adapter_json.h"
#include "model/etag.h"
#include "routing/route.h"

namespace gw::control {
namespace {

using http::Method;
using http::Name;

// There is no authentication yet: everybody is the same person.
constexpr const char* caller = "anonymous";

Answer adapter_answer(int status, const model::Adapter& adapter) {
  return json_answer(status, model::adapter_json(adapter)).with("ETag", model::etag_of(adapter));
}

bool is_json(std::string_view type) {
  const std::string_view media = trim(type.substr(0, type.find(';')));
  return http::is_media_type(type, "application/json") ||
         (media.starts_with("application/") && media.ends_with("+json"));
}

// The whole body, when it says that it is JSON.
Task<std::expected<std::string, Answer>> json_body(Call& call) {
  if (!is_json(call.header(Name::content_type))) {
    co_return std::unexpected(problem(415, "unsupported_media_type",
                                      "the request body must be JSON: send it with Content-Type: application/json"));
  }
  auto body = co_await call.exchange.read_whole_body(AdaptersApi::max_body);
  if (!body) co_return std::unexpected(problem(body.error()));
  co_return *std::move(body);
}

}  // namespace

std::vector<ApiRoute> AdaptersApi::routes() {
  return {
      {Method::get, "/adapters", [this](Call& call) { return list(call); }},
      {Method::post, "/adapters", [this](Call& call) { return create(call); }},
      {Method::get, "/adapters/{name}", [this](Call& call) { return get(call); }},
      {Method::put, "/adapters/{name}", [this](Call& call) { return replace(call); }},
      {Method::del, "/adapters/{name}", [this](Call& call) { return remove(call); }},
  };
}

Task<Answer> AdaptersApi::list(Call& call) {
  const auto limit_text = call.query("limit");
  const auto limit = limit_text ? parse_unsigned(*limit_text) : max_page;
  if (!limit || *limit < 1 || *limit > max_page) {
    co_return bad_parameter("limit", fmt::format("must be a number from 1 to {}", max_page));
  }
  const std::string after = call.query("after").value_or("");
  auto page = registry_.list(after, *limit + 1);  // One more tells whether others follow.
  const bool more = page.size() > *limit;
  if (more) page.pop_back();
  boost::json::array adapters;
  for (const model::Adapter* adapter : page) adapters.push_back(model::adapter_json(*adapter));
  Answer answer = json_answer(200, adapters);
  if (more) {
    const std::string last = http::percent_encode(page.back()->spec.name);
    answer.fields.emplace_back("Link", fmt::format("</adapters?limit={}&after={}>; rel=\"next\"", *limit, last));
  }
  co_return answer;
}

Task<Answer> AdaptersApi::create(Call& call) {
  const auto body = co_await json_body(call);
  if (!body) co_return body.error();
  auto spec = read_spec(*body, nullptr);
  if (!spec) co_return spec.error();
  const auto created = co_await registry_.create(*std::move(spec), caller);
  if (!created) co_return problem(created.error());
  co_return adapter_answer(201, *created).with("Location", "/adapters/" + created->spec.name);
}

Task<Answer> AdaptersApi::get(Call& call) {
  const model::Adapter* adapter = registry_.find(call.name);
  if (adapter == nullptr) co_return problem(store::not_found(call.name).error());
  const std::string_view known = call.header(Name::if_none_match);
  if (!known.empty() && model::matches(known, *adapter)) {
    co_return Answer{.status = 304}.with("ETag", model::etag_of(*adapter));
  }
  co_return adapter_answer(200, *adapter);
}

Task<Answer> AdaptersApi::replace(Call& call) {
  const auto body = co_await json_body(call);
  if (!body) co_return body.error();
  const model::Adapter* present = registry_.find(call.name);
  auto spec = read_spec(*body, present != nullptr ? &present->spec : nullptr);
  if (!spec) co_return spec.error();
  if (spec->name != call.name) {
    co_return problem(Error(Errc::invalid,
                            fmt::format("the URL names adapter '{}' and the body '{}'; they must be the same",
                                        printable(call.name), spec->name),
                            "name"));
  }
  const auto updated = co_await registry_.update(*std::move(spec), std::string(call.header(Name::if_match)));
  if (!updated) co_return problem(updated.error());
  co_return adapter_answer(200, *updated);
}

std::expected<model::AdapterSpec, Answer> AdaptersApi::read_spec(std::string_view body,
                                                                 const model::AdapterSpec* present) const {
  auto spec = model::read_adapter(body, present);
  if (!spec) return std::unexpected(problem("the adapter", spec.error()));
  if (!spec->url || egress_ == nullptr) return *std::move(spec);
  const auto url = routing::parse_upstream_url(spec->url->url);
  const auto checked = url ? egress_->check_host(url->address.host) : Result<>(std::unexpected(url.error()));
  if (checked) return *std::move(spec);
  return std::unexpected(problem("the adapter", {{"url", checked.error().message(), {}}}));
}

Task<Answer> AdaptersApi::remove(Call& call) {
  const auto removed = co_await registry_.remove(call.name, std::string(call.header(Name::if_match)));
  if (!removed) co_return problem(removed.error());
  co_return Answer{.status = 204};
}

}  // namespace gw::control
