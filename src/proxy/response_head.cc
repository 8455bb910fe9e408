#include "proxy/response_head.h"

#include "base/strings.h"
#include "http/target.h"

namespace gw::proxy {

bool is_event_stream(const http::ResponseHead& head) {
  return http::is_media_type(head.fields.get(http::Name::content_type), "text/event-stream");
}

Result<> check_not_encoded(const http::ResponseHead& head) {
  const std::string_view coding = head.fields.get("Content-Encoding");
  if (coding.empty() || iequals(coding, "identity")) return {};
  return fail(Errc::upstream, "the server's answer is encoded ('{}'), so it cannot be checked for what may not be seen",
              printable(coding, 40));
}

HeldHead::HeldHead(const http::ResponseHead& head) {
  std::size_t size = head.reason.size();
  for (const http::Field& field : head.fields.all()) size += field.name.size() + field.value.size();
  text_.reserve(size);  // Never moved from here on.
  const auto keep = [&](std::string_view text) {
    const std::size_t at = text_.size();
    text_ += text;
    return std::string_view(text_).substr(at);
  };
  head_.status = head.status;
  head_.reason = keep(head.reason);
  for (const http::Field& field : head.fields.all()) {
    const std::string_view name = keep(field.name);
    head_.fields.add(name, keep(field.value));
  }
}

}  // namespace gw::proxy
