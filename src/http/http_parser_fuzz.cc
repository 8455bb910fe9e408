// Requests and responses from arbitrary bytes: no crash, no view outside the input, no endless loop, and the same
// result however the bytes are cut. The first byte chooses the kind and the cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/parser.h"
#include "http/target.h"

namespace {

using namespace gw::http;

void check_inside(std::string_view part, std::string_view whole) {
  if (!part.empty() && (part.data() < whole.data() || part.data() + part.size() > whole.data() + whole.size()))
    std::abort();
}

template <class ParseHead>
std::string read(std::string_view wire, std::size_t step, ParseHead parse_head) {
  MessageParser parser({.max_head = 4096, .max_fields = 32});
  std::string seen;
  std::string held;
  bool in_body = false;
  for (std::size_t fed = 0;;) {
    if (!in_body) {
      const auto length = parse_head(parser, held);
      if (!length) return seen + "!";
      if (*length > 0) {
        if (*length > held.size()) std::abort();
        held.erase(0, *length);
        in_body = true;
        seen += "H";
        continue;
      }
    } else {
      const auto piece = parser.parse_body(held);
      if (!piece) return seen + "!";
      check_inside(piece->data, held);
      if (piece->consumed > held.size()) std::abort();
      seen += piece->data;
      held.erase(0, piece->consumed);
      if (piece->end) in_body = false;
      if (piece->end || piece->consumed > 0) continue;
    }
    if (fed >= wire.size()) return seen;
    held += wire.substr(fed, step);
    fed += step;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view wire(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto request = [](MessageParser& parser, const std::string& held) {
    RequestHead head;
    const auto length = parser.parse_head(held, head);
    if (length && *length > 0 && split_target(head) && head.path != "/") check_inside(head.path, held);
    return length;
  };
  const auto response = [](MessageParser& parser, const std::string& held) {
    ResponseHead head;
    return parser.parse_head(held, head, false);
  };
  const std::size_t step = 1 + (data[0] >> 1);
  const bool is_request = (data[0] & 1) == 0;
  const std::string whole = is_request ? read(wire, wire.size(), request) : read(wire, wire.size(), response);
  const std::string cut = is_request ? read(wire, step, request) : read(wire, step, response);
  // A rejection may come earlier or later, but never a different body.
  if (!whole.ends_with('!') && !cut.ends_with('!') && whole != cut) std::abort();
  return 0;
}
