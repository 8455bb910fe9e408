// The REST API as an HTTP service: finds what is asked for, answers what nobody offers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "control/answer.h"
#include "http/service.h"

namespace gw::control {

// One request, as its handler sees it.
struct Call {
  http::Exchange& exchange;
  std::string name;  // What {name} in the path stands for.

  std::string_view header(http::Name field) const { return exchange.request().fields.get(field); }
  std::optional<std::string> query(std::string_view parameter) const;
};

struct ApiRoute {
  http::Method method = http::Method::get;
  std::string path;  // "/adapters/{name}"
  // The call outlives the task.
  std::function<Task<Answer>(Call&)> handler;
};

// On the control loop.
class Api final : public http::Service {
 public:
  void add(std::vector<ApiRoute> routes);
  const std::vector<ApiRoute>& routes() const { return routes_; }

  Task<Result<>> handle(http::Exchange& exchange) override;

 private:
  Task<Answer> answer(http::Exchange& exchange);

  std::vector<ApiRoute> routes_;
};

}  // namespace gw::control
