#include "http/service.h"

namespace gw::http {

MaybeTask<Result<>> Exchange::respond(int status, std::string_view content_type, std::string_view body) {
  start(status, body.size());
  if (!content_type.empty()) field("Content-Type", content_type);
  return write(body, Last::yes);
}

Task<Result<std::string>> Exchange::read_whole_body(std::size_t max) {
  std::string body;
  while (true) {
    GW_CO_TRY(const std::string_view part, co_await read_body());
    if (part.empty()) co_return body;
    if (body.size() + part.size() > max) {
      co_return fail(Errc::too_large, "the request body is larger than {} bytes", max);
    }
    body += part;
  }
}

}  // namespace gw::http
