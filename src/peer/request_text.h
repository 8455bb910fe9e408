// The texts of requests to servers: the caller's bytes with protocol metadata around them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gw::peer {

// A JSON-RPC request as pieces that leave in one write; the parameters are not copied.
class RequestText {
 public:
  // `params` is a raw object that must outlive this; `meta` holds raw members, comma-separated, that go into its _meta
  // behind the ones that are there.
  RequestText(std::uint64_t id, std::string_view method, std::string_view params, std::string meta);
  RequestText(const RequestText&) = delete;
  RequestText& operator=(const RequestText&) = delete;

  std::span<const std::string_view> pieces() const { return pieces_; }
  std::string whole() const;

 private:
  std::string start_;
  std::string inserted_;
  std::array<std::string_view, 4> pieces_;
};

// A notification; `params` is raw.
std::string notification_text(std::string_view method, std::string_view params);

// A raw object without one of its members.
std::string without_member(std::string_view object, std::string_view key);

// The _meta members that make a request one of the modern revision. All but `version` are raw JSON, and left out when
// empty; `log_level` is a plain word.
struct Envelope {
  std::string_view version;
  std::string_view client_capabilities;
  std::string_view client_info;
  std::string_view log_level;
  std::string_view progress_token;
};
std::string meta_members(const Envelope& envelope);

}  // namespace gw::peer
