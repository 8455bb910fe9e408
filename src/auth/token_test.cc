#include "auth/token.h"

#include <gtest/gtest.h>
#include <openssl/rsa.h>

#include "testing/tokens.h"

namespace gw::auth {
namespace {

using testing::key_set_text;
using testing::SigningKey;
using testing::to_json;
using testing::TokenMembers;
using Strings = std::vector<std::string>;

constexpr std::int64_t now = 1'800'000'000;
const Strings audiences{"https://gw.example/adapters/a/mcp", "https://gw.example"};

const SigningKey& rsa() {
  static const SigningKey key = SigningKey::rsa("rsa");
  return key;
}
const SigningKey& ec() {
  static const SigningKey key = SigningKey::ec("ec");
  return key;
}

const KeySet& keys() {
  static const auto set = KeySet::parse(key_set_text({rsa().public_jwk(), ec().public_jwk()}));
  return **set;
}

IssuerOptions issuer() {
  return {.issuer = "https://issuer.example"};
}

TokenMembers claims(const TokenMembers& changes = {}) {
  TokenMembers members{{"iss", R"("https://issuer.example")"},
                       {"sub", R"("alice")"},
                       {"aud", R"("https://gw.example")"},
                       {"exp", "1800000300"},
                       {"iat", "1799999900"}};
  for (const auto& [name, value] : changes) members[name] = value;
  return members;
}

std::string token(const TokenMembers& changes = {}) {
  return ec().sign(to_json(claims(changes)));
}

std::expected<Verified, Rejected> check(std::string_view text, const IssuerOptions& by = issuer()) {
  return verify(text, by, keys(), audiences, now);
}

// Nothing when it is accepted.
std::optional<Flaw> flaw(std::string_view text, const IssuerOptions& by = issuer()) {
  const auto verified = check(text, by);
  if (verified) return {};
  EXPECT_FALSE(verified.error().message.empty());
  return verified.error().flaw;
}

identity::Principal principal(const TokenMembers& changes, const IssuerOptions& by = issuer()) {
  const auto verified = check(token(changes), by);
  EXPECT_TRUE(verified) << verified.error().message;
  return verified ? verified->principal : identity::Principal();
}

std::string encoded(std::string_view header, std::string_view payload, std::string_view signature) {
  return base64url_encode(header) + '.' + base64url_encode(payload) + '.' + base64url_encode(signature);
}

// ---- Signatures --------------------------------------------------------------------------------------------------

TEST(Token, EveryFamilyOfAlgorithmsIsVerified) {
  const SigningKey p384 = SigningKey::ec("p384", "P-384"), p521 = SigningKey::ec("p521", "P-521");
  const auto set =
      KeySet::parse(key_set_text({rsa().public_jwk(), ec().public_jwk(), p384.public_jwk(), p521.public_jwk()}));
  ASSERT_TRUE(set);
  const std::pair<const SigningKey*, const char*> cases[] = {{&rsa(), "RS256"}, {&rsa(), "RS384"}, {&rsa(), "RS512"},
                                                             {&rsa(), "PS256"}, {&rsa(), "PS384"}, {&rsa(), "PS512"},
                                                             {&ec(), "ES256"},  {&p384, "ES384"},  {&p521, "ES512"}};
  for (const auto& [key, alg] : cases) {
    IssuerOptions by = issuer();
    by.algorithms = {alg};
    std::string text = key->sign(to_json(claims()), alg);
    const auto verified = verify(text, by, **set, audiences, now);
    ASSERT_TRUE(verified) << alg << ": " << verified.error().message;
    EXPECT_EQ(verified->principal.user, "alice");
    EXPECT_EQ(verified->key, (*set)->find(key->id()).front());
    // One bit of the payload, one of the signature.
    std::string forged = text;
    forged[forged.find('.') + 10] ^= 1;
    EXPECT_FALSE(verify(forged, by, **set, audiences, now)) << alg;
    forged = text;
    forged[forged.rfind('.') + 10] ^= 1;
    EXPECT_FALSE(verify(forged, by, **set, audiences, now)) << alg;
  }
}

TEST(Token, NoneIsNoAlgorithm) {
  for (const char* alg : {"none", "None", "NONE", ""}) {
    const std::string header = R"({"alg":")" + std::string(alg) + "\"}";
    IssuerOptions by = issuer();
    by.algorithms.push_back(alg);  // Not even when it is configured.
    EXPECT_EQ(flaw(encoded(header, to_json(claims()), ""), by), Flaw::algorithm) << alg;
    EXPECT_EQ(flaw(encoded(header, to_json(claims()), "x"), by), Flaw::algorithm) << alg;
  }
  EXPECT_EQ(flaw(encoded("{}", to_json(claims()), "x")), Flaw::algorithm);
}

TEST(Token, ThePublicKeyIsNoSharedSecret) {
  for (const SigningKey* key : {&rsa(), &ec()}) {
    IssuerOptions by = issuer();
    by.algorithms.push_back("HS256");
    const std::string text = SigningKey::sign_symmetric(key->public_pem(), to_json(claims()),
                                                        {{"alg", R"("HS256")"}, {"kid", '"' + key->id() + '"'}});
    EXPECT_EQ(flaw(text, by), Flaw::algorithm);
  }
}

TEST(Token, ASignatureCannotBeLeftOut) {
  const std::string text = token();
  EXPECT_EQ(flaw(text.substr(0, text.rfind('.') + 1)), Flaw::signature);
  EXPECT_EQ(flaw(text.substr(0, text.rfind('.'))), Flaw::malformed);
}

TEST(Token, OnlyAlgorithmsOfTheIssuerCount) {
  const std::string text = rsa().sign(to_json(claims()), "RS512");
  EXPECT_EQ(flaw(text), Flaw::algorithm);
  IssuerOptions by = issuer();
  by.algorithms = {"RS512"};
  EXPECT_EQ(flaw(text, by), std::nullopt);
}

TEST(Token, TheAlgorithmMustFitTheKey) {
  // Signed by one key and said to be by the other.
  EXPECT_EQ(flaw(rsa().sign(to_json(claims()), "RS256", {{"kid", R"("ec")"}})), Flaw::algorithm);
  EXPECT_EQ(flaw(ec().sign(to_json(claims()), "ES256", {{"kid", R"("rsa")"}})), Flaw::algorithm);
  // RS256 and PS256 signatures are no substitutes.
  const std::string rs = rsa().sign(to_json(claims()), "RS256"), ps = rsa().sign(to_json(claims()), "PS256");
  EXPECT_EQ(flaw(ps.substr(0, ps.rfind('.')) + rs.substr(rs.rfind('.'))), Flaw::signature);
  // A key that is for one algorithm is for no other.
  const auto set = KeySet::parse(key_set_text({rsa().public_jwk(R"(,"alg":"PS256")")}));
  ASSERT_TRUE(set);
  EXPECT_TRUE(verify(ps, issuer(), **set, audiences, now));
  EXPECT_EQ(verify(rs, issuer(), **set, audiences, now).error().flaw, Flaw::algorithm);
}

TEST(Token, AnEcdsaSignatureHasTheSizeOfItsCurve) {
  const std::string text = token();
  const std::string signature = *base64url_decode(std::string_view(text).substr(text.rfind('.') + 1));
  // The same two numbers with zeros before them.
  const std::string longer = '\0' + signature.substr(0, 32) + '\0' + signature.substr(32);
  EXPECT_EQ(flaw(text.substr(0, text.rfind('.') + 1) + base64url_encode(longer)), Flaw::signature);
  EXPECT_EQ(flaw(text.substr(0, text.rfind('.') + 1) + base64url_encode(std::string(64, '\0'))), Flaw::signature);
}

TEST(Token, ThePssSaltHasTheSizeOfTheHash) {
  const std::string signing_input =
      base64url_encode(R"({"alg":"PS256","kid":"rsa"})") + '.' + base64url_encode(to_json(claims()));
  const auto sign = [&](int salt) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* padding = nullptr;
    EXPECT_EQ(EVP_DigestSignInit(context.get(), &padding, EVP_sha256(), nullptr, rsa().get()), 1);
    EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING), 1);
    EXPECT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, salt), 1);
    std::string signature(256, '\0');
    std::size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                             reinterpret_cast<const unsigned char*>(signing_input.data()), signing_input.size()),
              1);
    return signing_input + '.' + base64url_encode(signature);
  };
  EXPECT_EQ(flaw(sign(32)), std::nullopt);
  EXPECT_EQ(flaw(sign(0)), Flaw::signature);
}

TEST(Token, TheKeyIsTheOneThatItNames) {
  EXPECT_EQ(flaw(SigningKey::ec("other").sign(to_json(claims()))), Flaw::unknown_key);
  EXPECT_EQ(flaw(ec().sign(to_json(claims()), "", {{"kid", ""}})), Flaw::unknown_key);
  EXPECT_EQ(flaw(SigningKey::ec("ec").sign(to_json(claims()))), Flaw::signature);
  EXPECT_EQ(flaw(ec().sign(to_json(claims()), "", {{"kid", R"(["ec"])"}})), Flaw::malformed);
}

TEST(Token, KeysWithoutIdAndKeysOfTheSameIdAreAllTried) {
  const SigningKey first = SigningKey::ec(""), second = SigningKey::ec("");
  const auto set = KeySet::parse(key_set_text({first.public_jwk(), rsa().public_jwk(), second.public_jwk()}));
  ASSERT_TRUE(set);
  EXPECT_TRUE(verify(second.sign(to_json(claims())), issuer(), **set, audiences, now));
  EXPECT_EQ(verify(SigningKey::ec("").sign(to_json(claims())), issuer(), **set, audiences, now).error().flaw,
            Flaw::signature);
}

// ---- Form --------------------------------------------------------------------------------------------------------

TEST(Token, ThereIsOneSpellingOfAToken) {
  const std::string text = token();
  ASSERT_EQ(flaw(text), std::nullopt);
  const std::string head = text.substr(0, text.find('.')), rest = text.substr(text.find('.'));
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"), text + "=", text + ".", text + " ",
        " " + text, head + "=" + rest, head + "\n" + rest, text.substr(0, text.size() - 1) + "B", "." + text, head,
        text + ".e30.e30", std::string(max_token + 1, 'A'), encoded("[]", "{}", "x"), encoded("{", "{}", "x"),
        encoded("", "{}", "x")}) {
    EXPECT_EQ(flaw(bad), Flaw::malformed) << bad;
    EXPECT_FALSE(peek(bad)) << bad;
  }
}

TEST(Token, CriticalExtensionsAreRefused) {
  EXPECT_EQ(flaw(ec().sign(to_json(claims()), "", {{"crit", R"(["exp"])"}})), Flaw::malformed);
  EXPECT_EQ(flaw(ec().sign(to_json(claims()), "", {{"crit", "[]"}})), Flaw::malformed);
  EXPECT_EQ(flaw(ec().sign(to_json(claims()), "", {{"jwk", ec().public_jwk()}, {"x5t", R"("AA")"}})), std::nullopt);
}

TEST(Token, AMemberThatOccursTwiceIsRefused) {
  EXPECT_EQ(flaw(encoded(R"({"alg":"ES256","kid":"ec","kid":"ec"})", to_json(claims()), std::string(64, 'x'))),
            Flaw::malformed);
  std::string twice = to_json(claims());
  twice.insert(1, R"("sub":"bob",)");
  EXPECT_EQ(flaw(ec().sign(twice)), Flaw::malformed);
  EXPECT_EQ(flaw(ec().sign("[]")), Flaw::malformed);
  EXPECT_EQ(flaw(ec().sign("nonsense")), Flaw::malformed);
}

TEST(Token, PeekTellsWhatATokenClaims) {
  const auto unverified = peek(token());
  ASSERT_TRUE(unverified);
  EXPECT_EQ(unverified->issuer, "https://issuer.example");
  EXPECT_EQ(unverified->key_id, "ec");
  EXPECT_EQ(unverified->algorithm, "ES256");
  EXPECT_EQ(peek(token({{"iss", ""}})).error().flaw, Flaw::issuer);
  EXPECT_EQ(peek(token({{"iss", "7"}})).error().flaw, Flaw::issuer);
}

// ---- Type, issuer, audience, times -------------------------------------------------------------------------------

TEST(Token, OnlyAccessTokensAreAccepted) {
  for (const char* type : {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"}) {
    EXPECT_EQ(flaw(ec().sign(to_json(claims()), "", {{"typ", '"' + std::string(type) + '"'}})), std::nullopt) << type;
  }
  for (const char* type : {"logout+jwt", "dpop+jwt", "oauth-id-jag+jwt", "secevent+jwt", "JOSE"}) {
    EXPECT_EQ(flaw(ec().sign(to_json(claims()), "", {{"typ", '"' + std::string(type) + '"'}})), Flaw::type) << type;
  }
  EXPECT_EQ(flaw(token({{"nonce", R"("n")"}})), Flaw::type);
  EXPECT_EQ(flaw(token({{"at_hash", R"("h")"}})), Flaw::type);
}

TEST(Token, TheIssuerIsComparedByteByByte) {
  for (const char* other :
       {"", "7", R"("https://issuer.example/")", R"("https://ISSUER.example")", R"(["https://issuer.example"])"}) {
    EXPECT_EQ(flaw(token({{"iss", other}})), Flaw::issuer) << other;
  }
}

TEST(Token, OneOfItsAudiencesMustBeAccepted) {
  EXPECT_EQ(flaw(token({{"aud", R"("https://gw.example/adapters/a/mcp")"}})), std::nullopt);
  EXPECT_EQ(flaw(token({{"aud", R"(["x","https://gw.example"])"}})), std::nullopt);
  for (const char* other :
       {"", "[]", R"(["x","y"])", R"("https://gw.example/")", R"("https://gw.example/adapters/b/mcp")"}) {
    EXPECT_EQ(flaw(token({{"aud", other}})), Flaw::audience) << other;
  }
  EXPECT_EQ(flaw(token({{"aud", "7"}})), Flaw::claims);
  EXPECT_EQ(flaw(token({{"aud", R"(["https://gw.example",7])"}})), Flaw::claims);
  EXPECT_EQ(verify(token(), issuer(), keys(), {}, now).error().flaw, Flaw::audience);
}

TEST(Token, TimesCountWithTheSkew) {
  const std::pair<TokenMembers, std::optional<Flaw>> cases[] = {
      {{{"exp", "1799999941"}}, {}},
      {{{"exp", "1799999940"}}, Flaw::expired},
      {{{"exp", "0"}}, Flaw::expired},
      {{{"exp", "-1e300"}}, Flaw::expired},
      {{{"exp", "1800000000.5"}}, {}},
      {{{"exp", "1e300"}}, {}},
      {{{"exp", "18446744073709551615"}}, {}},
      {{{"exp", ""}}, Flaw::claims},
      {{{"exp", "null"}}, Flaw::claims},
      {{{"exp", R"("1800000300")"}}, Flaw::claims},
      {{{"nbf", "1800000060"}}, {}},
      {{{"nbf", "1800000061"}}, Flaw::not_yet_valid},
      {{{"nbf", "true"}}, Flaw::claims},
      {{{"iat", "1800000060"}}, {}},
      {{{"iat", "1800000061"}}, Flaw::not_yet_valid},
      {{{"iat", ""}}, {}},
      {{{"iat", "[]"}}, Flaw::claims},
  };
  for (const auto& [changes, expected] : cases) {
    EXPECT_EQ(flaw(token(changes)), expected) << to_json(changes);
  }
  IssuerOptions exact = issuer();
  exact.clock_skew = {};
  EXPECT_EQ(flaw(token({{"exp", "1800000000"}}), exact), Flaw::expired);
  EXPECT_EQ(flaw(token({{"exp", "1800000001"}}), exact), std::nullopt);
  EXPECT_EQ(check(token({{"exp", "1800000001"}}), exact)->principal.expires, 1'800'000'001);
  EXPECT_EQ(check(token())->principal.expires, 1'800'000'360);
}

// ---- Who it is ---------------------------------------------------------------------------------------------------

TEST(Token, SaysWhoItsUserIs) {
  const auto verified = check(token({{"name", R"("Alice A.")"},
                                     {"azp", R"("app")"},
                                     {"roles", R"(["reader","a role"])"},
                                     {"groups", R"("g1, g2")"},
                                     {"scope", R"("files.read files.write")"},
                                     {"aud", R"(["https://gw.example","x"])"}}));
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->principal, (identity::Principal{.method = identity::Method::token,
                                                      .user = "alice",
                                                      .name = "Alice A.",
                                                      .issuer = "https://issuer.example",
                                                      .client_id = "app",
                                                      .roles = {"reader", "a role"},
                                                      .groups = {"g1", "g2"},
                                                      .scopes = {"files.read", "files.write"},
                                                      .expires = 1'800'000'360}));
  EXPECT_EQ(verified->audiences, (Strings{"https://gw.example", "x"}));
}

TEST(Token, KeycloakRolesAreFoundByPointer) {
  IssuerOptions by = issuer();
  by.claims.user = {"preferred_username"};
  by.claims.roles = {"/realm_access/roles", "/resource_access/x/roles", "/nothing/here", "/realm_access/roles/9"};
  by.user_prefix = "kc:";
  const auto who = principal({{"preferred_username", R"("al")"},
                              {"realm_access", R"({"roles":["offline","mcp.admin"]})"},
                              {"resource_access", R"({"x":{"roles":["greet"]},"y":{"roles":["no"]}})"}},
                             by);
  EXPECT_EQ(who.user, "kc:al");
  EXPECT_EQ(who.name, "al");
  EXPECT_EQ(who.roles, (Strings{"offline", "mcp.admin", "greet"}));
}

TEST(Token, EntraTokensAreUnderstood) {
  IssuerOptions by = issuer();
  by.claims.user = {"oid", "sub"};
  const auto who = principal({{"oid", R"("6f1e")"},
                              {"appid", R"("client")"},
                              {"scp", R"("mcp.call mcp.list")"},
                              {"roles", R"(["mcp.engineer"])"}},
                             by);
  EXPECT_EQ(who.user, "6f1e");
  EXPECT_EQ(who.client_id, "client");
  EXPECT_EQ(who.scopes, (Strings{"mcp.call", "mcp.list"}));
  EXPECT_EQ(who.roles, (Strings{"mcp.engineer"}));
}

TEST(Token, ClaimsMayBeListsOrTextsAndAreJoined) {
  const auto who = principal({{"scope", R"(["a b","c"])"}, {"scp", R"("d,e  f")"}, {"roles", R"([1,"r",null])"}});
  EXPECT_EQ(who.scopes, (Strings{"a b", "c", "d,e", "f"}));
  EXPECT_EQ(who.roles, (Strings{"r"}));
}

TEST(Token, AClaimNameThatIsAUrlIsAMember) {
  IssuerOptions by = issuer();
  by.claims.roles = {"https://gw.example/roles"};
  EXPECT_EQ(principal({{"https://gw.example/roles", R"(["r"])"}}, by).roles, (Strings{"r"}));
}

TEST(Token, AUserIdThatTheGatewayGivesItselfIsRefused) {
  for (const char* user : {R"("key:abcdefghijkl")", R"("configuration")", R"("anonymous")", R"("")", "", "7", "null",
                           R"("a\nb")", R"("a\u0000")"}) {
    EXPECT_EQ(flaw(token({{"sub", user}})), Flaw::claims) << user;
  }
  IssuerOptions by = issuer();
  by.user_prefix = "i:";
  EXPECT_EQ(flaw(token({{"sub", R"("key:x")"}}), by), std::nullopt);
  EXPECT_EQ(flaw(token({{"sub", R"("")"}}), by), Flaw::claims);
}

TEST(Token, TheFirstClaimThatIsThereIsTheUser) {
  IssuerOptions by = issuer();
  by.claims.user = {"oid", "sub"};
  EXPECT_EQ(principal({}, by).user, "alice");
  EXPECT_EQ(flaw(token({{"oid", "7"}}), by), Flaw::claims);
  EXPECT_EQ(flaw(token({{"oid", R"("")"}}), by), Flaw::claims);
}

TEST(Token, ScopesThatTheIssuerRequiresMustBeThere) {
  IssuerOptions by = issuer();
  by.required_scopes = {"mcp", "basic"};
  EXPECT_EQ(flaw(token({{"scope", R"("basic mcp x")"}}), by), std::nullopt);
  EXPECT_EQ(flaw(token({{"scope", R"("basic MCP")"}}), by), Flaw::scope);
  EXPECT_EQ(flaw(token(), by), Flaw::scope);
  // Whoever is not even meant learns nothing about scopes.
  EXPECT_EQ(flaw(token({{"aud", R"("x")"}}), by), Flaw::audience);
  EXPECT_EQ(flaw(token({{"exp", "1"}}), by), Flaw::expired);
}

TEST(Token, RejectionsShowNothingOfTheToken) {
  for (const TokenMembers& changes : {TokenMembers{{"aud", R"("secret-value")"}},
                                      {{"iss", R"("secret-value")"}},
                                      {{"exp", R"("secret-value")"}},
                                      {{"sub", R"("key:secret-value")"}}}) {
    const auto verified = check(token(changes));
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().message.find("secret-value"), std::string::npos);
    EXPECT_EQ(verified.error().message.find_first_of("\"\\\n"), std::string::npos);  // RFC 6750, error_description.
  }
}

}  // namespace
}  // namespace gw::auth
