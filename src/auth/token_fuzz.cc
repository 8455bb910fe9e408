// Whatever a token says, nothing is accepted without the key's signature; and what is signed gives a proper user or
// nothing. The first byte chooses: the rest is a token, or the payload of one that is signed here.
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/capabilities.h"
#include "auth/token.h"
#include "base/check.h"
#include "testing/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gw::auth;
  using gw::testing::SigningKey;
  static const SigningKey key = SigningKey::ec("k"), stranger = SigningKey::ec("k");
  static const auto keys = KeySet::parse(gw::testing::key_set_text({key.public_jwk()}));
  static const auto strangers = KeySet::parse(gw::testing::key_set_text({stranger.public_jwk()}));
  static const auto verifier = CapabilityVerifier::make(key.public_pem());
  static const IssuerOptions issuer{.issuer = "https://i",
                                    .claims = {.user = {"oid", "/a/b", "sub"}, .roles = {"roles", "/a/roles"}}};
  static const std::vector<std::string> audiences{"https://gw"};
  constexpr std::int64_t now = 1'800'000'000;
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);

  if (data[0] % 2 == 0) {
    (void)peek(rest);
    GW_CHECK(!verify(rest, issuer, **keys, audiences, now));
    GW_CHECK(!(*verifier)->verify(rest, now));
    (void)KeySet::parse(rest);
    return 0;
  }
  const std::string token = key.sign(rest);
  GW_CHECK(!verify(token, issuer, **strangers, audiences, now));
  if (const auto verified = verify(token, issuer, **keys, audiences, now)) {
    const std::string& user = verified->principal.user;
    GW_CHECK(!user.empty() && !user.starts_with("key:") && user.find('\n') == std::string::npos);
    GW_CHECK(verified->principal.expires > now);
    GW_CHECK(meant_for(verified->audiences, audiences));
    GW_CHECK(peek(token)->issuer == issuer.issuer);
  }
  if (const auto capabilities = (*verifier)->verify(token, now)) {
    GW_CHECK(!capabilities->allows(gw::policy::ItemKind::none, "a", "b"));
  }
  return 0;
}
