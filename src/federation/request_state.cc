#include "federation/request_state.h"

#include "base/sha256.h"

namespace gw::federation {
namespace {

// Sealed ids of sessions have other owners: neither is ever taken for the other.
constexpr std::string_view owner_uid = "request state";

std::string digest(std::string_view state, const StateOwner& owner) {
  std::string all;
  for (const std::string_view part : {owner.source, owner.method, owner.item}) {
    all.append(std::to_string(part.size())).append(":").append(part);
  }
  return sha256_hex(all.append(state));
}

}  // namespace

Result<std::string> wrap_state(session::Sealer& sealer, std::string_view state, const StateOwner& owner,
                               std::int64_t expires) {
  const std::string hash = digest(state, owner);
  GW_TRY(std::string seal, sealer.seal({.endpoint = {}, .upstream_session = hash, .expires = expires},
                                       {.adapter_uid = owner_uid, .principal = owner.user}));
  seal.append(".").append(state);
  return seal;
}

Result<std::string> unwrap_state(session::Sealer& sealer, std::string_view wrapped, const StateOwner& owner,
                                 std::int64_t now) {
  const auto dot = wrapped.find('.');
  if (dot != std::string_view::npos) {
    const std::string_view state = wrapped.substr(dot + 1);
    const auto sealed = sealer.open(wrapped.substr(0, dot), {.adapter_uid = owner_uid, .principal = owner.user}, now);
    if (sealed && sealed->upstream_session == digest(state, owner)) return std::string(state);
  }
  return fail(Errc::invalid, "Invalid params: requestState is none that belongs to this request, or it has expired.");
}

}  // namespace gw::federation
