// /adapters/{name}/logs and /tools/{name}/logs: what the instances of an adapter or tool wrote, once or as it comes.
#pragma once

#include <vector>

#include "control/api.h"
#include "control/registry.h"
#include "process/log_book.h"

namespace gw::control {

class LogsApi {
 public:
  static constexpr std::size_t default_tail = 1000;
  static constexpr std::size_t max_tail = 100'000;

  // All of them outlive it.
  LogsApi(const Registry& registry, process::LogBook& logs, const AccessSettings& access)
      : registry_(registry), logs_(logs), access_(access) {}

  std::vector<ApiRoute> routes();

 private:
  Task<Answer> logs(Call& call);
  // The log of an instance, or 404.
  std::expected<std::shared_ptr<process::LogRing>, Answer> find_ring(const model::Adapter& adapter,
                                                                     std::uint32_t instance);

  const Registry& registry_;
  process::LogBook& logs_;
  const AccessSettings& access_;
};

}  // namespace gw::control
