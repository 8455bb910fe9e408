// The REST API as an HTTP service: finds what is asked for, who asks and whether he may, and answers what nobody
// offers.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/access_settings.h"
#include "control/answer.h"
#include "control/call.h"
#include "control/permissions.h"
#include "http/service.h"

namespace gw::control {

enum class Takes { nothing, json };

struct ApiRoute {
  http::Method method = http::Method::get;
  std::string path;     // "/adapters/{name}"
  Operation operation;  // control/permissions.h says who may.
  Takes takes = Takes::nothing;
  // The call outlives the task. Nothing else happens on the loop between the check of permissions and the first
  // suspension of the handler, so a change that begins before that is one that the caller may make.
  std::function<Task<Answer>(Call&)> handler;
};

// How Api finds out whose a resource is.
struct Resources {
  std::function<std::optional<identity::Ownership>(const std::string& name)> owner;
  std::function<Error(const std::string& name)> not_found;
  std::string what;  // "adapter"
};

// On the control loop. Only the internal relay talks to it, which says who asks in X-Gateway-Caller: a request without
// that field is refused as our own fault.
class Api final : public http::Service {
 public:
  static constexpr std::size_t max_body = 4 << 20;

  // Both are borrowed; `access` may change between two requests.
  Api(const AccessSettings& access, const AuditHook& audit) : access_(access), audit_(audit) {}

  // Every operation must have a row in the table of permissions, and every kind with readers or writers its resources.
  void add(std::vector<ApiRoute> routes);
  void add(Kind kind, Resources resources);
  const std::vector<ApiRoute>& routes() const { return routes_; }

  Task<Result<>> handle(http::Exchange& exchange) override;

 private:
  Task<Answer> answer(http::Exchange& exchange);
  Task<Answer> serve(const ApiRoute& route, http::Exchange& exchange, std::string name);
  // What a caller is told who may not.
  std::optional<Answer> refuse(const ApiRoute& route, const Call& call) const;
  Answer denied(const ApiRoute& route, const Call& call, const std::optional<identity::Ownership>& what) const;

  const AccessSettings& access_;
  const AuditHook& audit_;
  std::vector<ApiRoute> routes_;
  std::map<Kind, Resources> resources_;
};

}  // namespace gw::control
