#include "stdio/era_probe.h"

#include <fmt/core.h>

namespace gw::stdio {
namespace {

constexpr std::string_view probe_id = "\"mcp-gateway/probe\"";

bool is_modern_error(std::string_view code) {
  return code == std::to_string(mcp::code::header_mismatch) ||
         code == std::to_string(mcp::code::missing_client_capability) ||
         code == std::to_string(mcp::code::unsupported_protocol_version);
}

}  // namespace

std::string era_probe_request() {
  return fmt::format(
      R"({{"jsonrpc":"2.0","id":{},"method":"server/discover","params":{{"_meta":{{)"
      R"("io.modelcontextprotocol/protocolVersion":"{}","io.modelcontextprotocol/clientCapabilities":{{}},)"
      R"("io.modelcontextprotocol/clientInfo":{{"name":"mcp-gateway","version":"1"}}}}}}}})",
      probe_id, mcp::first_modern_version);
}

std::optional<mcp::Era> era_of_answer(const mcp::Message& m) {
  const bool answered = m.kind == mcp::Kind::response || m.kind == mcp::Kind::error_response;
  // An error without an id is the answer of a server that could not even read the request.
  if (!answered || (m.id != probe_id && !(m.kind == mcp::Kind::error_response && (m.id.empty() || m.id == "null"))))
    return {};
  if (!m.supported_versions.empty() || is_modern_error(m.error_code)) return mcp::Era::modern;
  return mcp::Era::legacy;
}

}  // namespace gw::stdio
