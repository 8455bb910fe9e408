#include "auth/authenticator.h"

#include <gtest/gtest.h>

#include "testing/run.h"
#include "testing/tokens.h"

namespace gw::auth {
namespace {

using identity::Method;
using identity::Principal;
using testing::key_set_text;
using testing::SigningKey;
using testing::to_json;
using testing::TokenMembers;
using Strings = std::vector<std::string>;
using Why = Refused::Why;

constexpr std::string_view secret = "0123456789abcdef";
const Strings for_a{"https://gw/adapters/a/mcp", "https://gw"};
const Strings for_b{"https://gw/adapters/b/mcp", "https://gw"};

const SigningKey& first() {
  static const SigningKey key = SigningKey::ec("first");
  return key;
}
const SigningKey& second() {
  static const SigningKey key = SigningKey::ec("second");
  return key;
}

std::string token(const SigningKey& key = first(), const TokenMembers& changes = {}) {
  const auto now = std::chrono::floor<std::chrono::seconds>(wall_now()).time_since_epoch().count();
  TokenMembers members{{"iss", R"("https://issuer")"},
                       {"sub", R"("alice")"},
                       {"aud", R"("https://gw")"},
                       {"exp", std::to_string(now + 3600)}};
  for (const auto& [name, value] : changes) members[name] = value;
  return key.sign(to_json(members));
}

Issuer issuer(const std::vector<const SigningKey*>& keys, std::uint64_t generation = 1) {
  Issuer made{.options = {.issuer = "https://issuer"}, .generation = generation};
  std::vector<std::string> jwks;
  for (const SigningKey* key : keys) jwks.push_back(key->public_jwk());
  if (!keys.empty()) made.keys = *KeySet::parse(key_set_text(jwks));
  return made;
}

std::shared_ptr<State> state_with(std::vector<Issuer> issuers) {
  auto state = std::make_shared<State>();
  for (const Issuer& one : issuers) state->options.issuers.push_back(one.options);
  state->pipeline = {Way::token};
  state->issuers = std::move(issuers);
  return state;
}

// Every way there is.
std::shared_ptr<State> state_with_everything() {
  auto state = state_with({issuer({&first()})});
  state->options.development = true;
  state->options.api_keys = true;
  state->options.trusted_header = TrustedHeaderOptions{};
  state->trusted_secret = SecretString(std::string(secret));
  state->trusted_networks = {*net::AddressBlock::parse("10.0.0.0/8")};
  state->api_keys = std::make_shared<const ApiKeys>(
      std::vector<ApiKey>{*configured_api_key("ci", SecretString("mcpg_ci_0123456789"), {"builder"}),
                          *configured_api_key("old", SecretString("an-older-secret-text"), {})});
  state->pipeline = {Way::token, Way::api_key, Way::trusted_header, Way::development};
  return state;
}

class FakeRefresh : public KeyRefresh {
 public:
  Task<StatePtr> newer_keys(Loop&, std::string issuer, std::uint64_t generation) override {
    asked.emplace_back(std::move(issuer), generation);
    if (meanwhile) meanwhile();
    co_return answer;
  }

  StatePtr answer;
  std::function<void()> meanwhile;
  std::vector<std::pair<std::string, std::uint64_t>> asked;
};

class AuthenticatorTest : public ::testing::Test {
 protected:
  Authenticator::Outcome ask(const Evidence& evidence) {
    std::optional<Authenticator::Outcome> outcome;
    testing::run([&]() -> Task<> { outcome = co_await authenticator_.authenticate(evidence); });
    return outcome ? *outcome : std::unexpected(Refused{});
  }
  Authenticator::Outcome ask_with_token(const std::string& text, const Strings& audiences = for_a) {
    const std::string field = "Bearer " + text;
    return ask({.authorization = field, .audiences = &audiences});
  }
  Why why(const Evidence& evidence) {
    const auto outcome = ask(evidence);
    EXPECT_FALSE(outcome) << (*outcome)->user;
    EXPECT_TRUE(outcome || !outcome.error().message.empty());
    return outcome ? Why::missing : outcome.error().why;
  }
  static std::string user(const Authenticator::Outcome& outcome) {
    return outcome ? (*outcome)->user : "refused: " + outcome.error().message;
  }

  Loop loop_;
  FakeRefresh refresh_;
  Counters counters_;
  Authenticator authenticator_{loop_, refresh_, counters_};
};

TEST_F(AuthenticatorTest, WithoutAuthenticationEverybodyIsTheAnonymousAdministrator) {
  auto state = std::make_shared<State>();
  state->options.admin_role = "boss";
  authenticator_.apply(state);
  const auto outcome = ask({.repeated = "Authorization", .authorization = "Bearer nonsense", .gateway_secret = "x"});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(**outcome, (Principal{.method = Method::none, .user = "anonymous", .roles = {"boss"}}));
}

// ---- Tokens ------------------------------------------------------------------------------------------------------

TEST_F(AuthenticatorTest, ATokenIsVerifiedOnceAndThenRemembered) {
  authenticator_.apply(state_with({issuer({&first()})}));
  const std::string text = token();
  const auto fresh = ask_with_token(text), again = ask_with_token(text);
  ASSERT_TRUE(fresh && again);
  EXPECT_EQ((*fresh)->user, "alice");
  EXPECT_EQ((*fresh)->method, Method::token);
  EXPECT_EQ(*again, *fresh);
  EXPECT_EQ(counters_.verified.get(), 1u);
  EXPECT_EQ(counters_.token_hits.get(), 1u);
  EXPECT_EQ(counters_.refused.get(), 0u);
}

TEST_F(AuthenticatorTest, TheSchemeIsReadWithoutRegardToCase) {
  authenticator_.apply(state_with({issuer({&first()})}));
  for (const char* scheme : {"Bearer ", "bearer ", "BEARER   "}) {
    EXPECT_EQ(user(ask({.authorization = scheme + token(), .audiences = &for_a})), "alice") << scheme;
  }
  EXPECT_EQ(why({.authorization = "Basic YTpi"}), Why::missing);
  EXPECT_EQ(why({.authorization = "Bearerx"}), Why::missing);
  EXPECT_EQ(why({.authorization = "Bearer"}), Why::invalid);
  EXPECT_EQ(why({.authorization = "Bearer nonsense"}), Why::invalid);
  EXPECT_EQ(why({}), Why::missing);
  EXPECT_EQ(counters_.refused.get(), 5u);
}

TEST_F(AuthenticatorTest, EvidenceThatIsThereTwiceIsRefusedWhateverItSays) {
  authenticator_.apply(state_with_everything());
  const std::string field = "Bearer " + token();
  EXPECT_EQ(why({.repeated = "Authorization", .authorization = field, .audiences = &for_a}), Why::invalid);
}

TEST_F(AuthenticatorTest, ATokenForOneAdapterIsRefusedByAnotherAlsoWhenItIsRemembered) {
  authenticator_.apply(state_with({issuer({&first()})}));
  const std::string text = token(first(), {{"aud", R"("https://gw/adapters/a/mcp")"}});
  EXPECT_EQ(user(ask_with_token(text, for_a)), "alice");
  EXPECT_FALSE(ask_with_token(text, for_b));
  EXPECT_EQ(user(ask_with_token(text, for_a)), "alice");
  const std::string field = "Bearer " + text;
  EXPECT_EQ(why({.authorization = field}), Why::invalid);
  EXPECT_EQ(counters_.verified.get(), 1u);
  EXPECT_EQ(counters_.refused.get(), 2u);
  // One that is refused first is not remembered as good.
  const std::string other = token(first(), {{"aud", R"("https://gw/adapters/b/mcp")"}});
  EXPECT_FALSE(ask_with_token(other, for_a));
  EXPECT_EQ(user(ask_with_token(other, for_b)), "alice");
  EXPECT_FALSE(ask_with_token(other, for_a));
}

TEST_F(AuthenticatorTest, AudiencesOfTheIssuerCountInsteadOfTheResource) {
  Issuer named = issuer({&first()});
  named.options.audiences = {"api://gateway"};
  authenticator_.apply(state_with({named}));
  const std::string text = token(first(), {{"aud", R"("api://gateway")"}});
  EXPECT_EQ(user(ask_with_token(text, for_a)), "alice");
  EXPECT_EQ(user(ask_with_token(text, for_b)), "alice");
  EXPECT_EQ(counters_.token_hits.get(), 1u);
  EXPECT_FALSE(ask_with_token(token(), for_a));
}

TEST_F(AuthenticatorTest, IssuersThatAreNotConfiguredAreRefused) {
  authenticator_.apply(state_with({issuer({&first()})}));
  EXPECT_FALSE(ask_with_token(token(first(), {{"iss", R"("https://other")"}})));
  EXPECT_TRUE(refresh_.asked.empty());
}

TEST_F(AuthenticatorTest, KeysOfOneIssuerDoNotVerifyForAnother) {
  Issuer other = issuer({&second()});
  other.options.issuer = "https://other";
  other.options.user_prefix = "o:";
  authenticator_.apply(state_with({issuer({&first()}), other}));
  EXPECT_EQ(user(ask_with_token(token(second(), {{"iss", R"("https://other")"}}))), "o:alice");
  EXPECT_FALSE(ask_with_token(token(second())));
}

TEST_F(AuthenticatorTest, NoIssuerCanNameTheUsersOfAnother) {
  Issuer other = issuer({&second()});
  other.options.issuer = "https://other";
  other.options.user_prefix = "other:";
  authenticator_.apply(state_with({issuer({&first()}), other}));
  EXPECT_EQ(user(ask_with_token(token(second(), {{"iss", R"("https://other")"}}))), "other:alice");
  EXPECT_EQ(user(ask_with_token(token(first(), {{"sub", R"("another")"}}))), "another");
  const auto forged = ask_with_token(token(first(), {{"sub", R"("other:alice")"}}));
  ASSERT_FALSE(forged) << (*forged)->user;
  EXPECT_EQ(forged.error().why, Why::invalid);
}

TEST_F(AuthenticatorTest, MissingScopesAreToldApart) {
  Issuer strict = issuer({&first()});
  strict.options.required_scopes = {"mcp", "basic"};
  authenticator_.apply(state_with({strict}));
  const auto outcome = ask_with_token(token(first(), {{"scope", R"("basic")"}}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().why, Why::scope);
  EXPECT_EQ(outcome.error().scopes, (Strings{"mcp", "basic"}));
}

// ---- Keys that change --------------------------------------------------------------------------------------------

TEST_F(AuthenticatorTest, AnUnknownKeyIsFetchedOnce) {
  authenticator_.apply(state_with({issuer({&first()}, 7)}));
  refresh_.answer = state_with({issuer({&first(), &second()}, 8)});
  EXPECT_EQ(user(ask_with_token(token(second()))), "alice");
  EXPECT_EQ(refresh_.asked, (std::vector<std::pair<std::string, std::uint64_t>>{{"https://issuer", 7}}));
  // A key that the issuer does not have after that either.
  EXPECT_EQ(ask_with_token(token(SigningKey::ec("third"))).error().why, Why::invalid);
  EXPECT_EQ(refresh_.asked.size(), 2u);
}

TEST_F(AuthenticatorTest, AfterTheWorkerHasTheNewKeysTheTokenIsRemembered) {
  authenticator_.apply(state_with({issuer({&first()}, 7)}));
  refresh_.answer = state_with({issuer({&first(), &second()}, 8)});
  refresh_.meanwhile = [&] { authenticator_.apply(refresh_.answer); };
  const std::string text = token(second());
  EXPECT_EQ(user(ask_with_token(text)), "alice");
  EXPECT_EQ(user(ask_with_token(text)), "alice");
  EXPECT_EQ(refresh_.asked.size(), 1u);
  EXPECT_EQ(counters_.token_hits.get(), 1u);
}

TEST_F(AuthenticatorTest, WithoutKeysNothingCanBeVerified) {
  authenticator_.apply(state_with({issuer({}, 0)}));
  refresh_.answer = authenticator_.state();
  EXPECT_EQ(ask_with_token(token()).error().why, Why::unavailable);
  refresh_.answer = nullptr;
  EXPECT_EQ(ask_with_token(token()).error().why, Why::unavailable);
  refresh_.answer = state_with({issuer({&first()}, 1)});
  EXPECT_EQ(user(ask_with_token(token())), "alice");
}

TEST_F(AuthenticatorTest, AnUnknownKeyIsNoFaultOfTheClientWhileTheIssuerCannotBeReached) {
  Issuer stale = issuer({&first()});
  stale.problem = "connection refused";
  authenticator_.apply(state_with({stale}));
  refresh_.answer = authenticator_.state();
  EXPECT_EQ(ask_with_token(token(second())).error().why, Why::unavailable);
  EXPECT_EQ(user(ask_with_token(token())), "alice");
}

TEST_F(AuthenticatorTest, AnIssuerThatIsRemovedWhileItsKeysAreFetchedIsNotTrusted) {
  authenticator_.apply(state_with({issuer({&first()})}));
  refresh_.answer = state_with_everything();
  const_cast<State&>(*refresh_.answer).issuers.clear();
  EXPECT_EQ(ask_with_token(token(second())).error().why, Why::invalid);
}

TEST_F(AuthenticatorTest, FlawsOfTheTokenItselfFetchNothing) {
  authenticator_.apply(state_with({issuer({&first()})}));
  EXPECT_FALSE(ask_with_token(SigningKey::sign_symmetric("x", "{}", {{"alg", R"("HS256")"}, {"kid", R"("z")"}})));
  EXPECT_FALSE(ask_with_token(SigningKey::ec("z", "P-384").sign(R"({"iss":"https://issuer"})")));
  EXPECT_FALSE(ask_with_token(token(SigningKey::ec("first"))));
  EXPECT_TRUE(refresh_.asked.empty());
}

TEST_F(AuthenticatorTest, AWithdrawnKeyTakesItsTokensWithItAndOthersStay) {
  authenticator_.apply(state_with({issuer({&first(), &second()}, 1)}));
  const std::string by_first = token(first()), by_second = token(second());
  EXPECT_TRUE(ask_with_token(by_first));
  EXPECT_TRUE(ask_with_token(by_second));
  authenticator_.apply(state_with({issuer({&second()}, 2)}));
  refresh_.answer = authenticator_.state();
  EXPECT_FALSE(ask_with_token(by_first));
  EXPECT_EQ(user(ask_with_token(by_second)), "alice");
  EXPECT_EQ(counters_.token_hits.get(), 1u);
  // Also over several changes.
  authenticator_.apply(state_with({issuer({&first(), &second()}, 3)}));
  EXPECT_TRUE(ask_with_token(by_second));
  EXPECT_EQ(counters_.token_hits.get(), 2u);
}

TEST_F(AuthenticatorTest, AnIdThatIsGivenToAnotherKeyWithdrawsTheFirst) {
  authenticator_.apply(state_with({issuer({&first()}, 1)}));
  const std::string text = token();
  EXPECT_TRUE(ask_with_token(text));
  const SigningKey successor = SigningKey::ec("first");
  authenticator_.apply(state_with({issuer({&successor}, 2)}));
  EXPECT_FALSE(ask_with_token(text));
}

TEST_F(AuthenticatorTest, ChangedOptionsOfAnIssuerVerifyItsTokensAnew) {
  authenticator_.apply(state_with({issuer({&first()})}));
  const std::string text = token();
  EXPECT_TRUE(ask_with_token(text));
  Issuer stricter = issuer({&first()});
  stricter.options.required_scopes = {"mcp"};
  authenticator_.apply(state_with({stricter}));
  EXPECT_EQ(ask_with_token(text).error().why, Why::scope);
  authenticator_.apply(state_with({}));
  auto nobody = state_with({});
  nobody->options.api_keys = true;
  authenticator_.apply(nobody);
  EXPECT_FALSE(ask_with_token(text));
}

// ---- The pipeline ------------------------------------------------------------------------------------------------

TEST_F(AuthenticatorTest, TheFirstWayThatFindsEvidenceDecides) {
  authenticator_.apply(state_with_everything());
  const std::string field = "Bearer " + token();
  Evidence all{.authorization = field,
               .api_key = "mcpg_ci_0123456789",
               .gateway_secret = secret,
               .mcp_user_id = "bob",
               .dev_user_id = "carol",
               .peer = "10.1.2.3",
               .audiences = &for_a};
  EXPECT_EQ(user(ask(all)), "alice");
  all.authorization = "Bearer a.b.c";
  EXPECT_EQ(why(all), Why::invalid);  // It does not go on to the next.
  all.authorization = {};
  EXPECT_EQ(user(ask(all)), "key:ci");
  all.api_key = "mcpg_wrong";
  EXPECT_EQ(why(all), Why::invalid);
  all.api_key = {};
  EXPECT_EQ(user(ask(all)), "bob");
  all.gateway_secret = "0123456789abcdeX";
  EXPECT_EQ(why(all), Why::invalid);
  all.gateway_secret = {};
  EXPECT_EQ(user(ask(all)), "carol");
}

TEST_F(AuthenticatorTest, ThePipelineOrderIsTheConfiguredOne) {
  auto state = state_with_everything();
  state->pipeline = {Way::trusted_header, Way::token};
  authenticator_.apply(state);
  const std::string field = "Bearer " + token();
  EXPECT_EQ(user(ask({.authorization = field,
                      .gateway_secret = secret,
                      .mcp_user_id = "bob",
                      .peer = "10.1.2.3",
                      .audiences = &for_a})),
            "bob");
  EXPECT_EQ(user(ask({.authorization = field, .audiences = &for_a})), "alice");
  EXPECT_EQ(why({.api_key = "mcpg_ci_0123456789"}), Why::missing);
}

TEST_F(AuthenticatorTest, AnApiKeyMayComeAsABearerToken) {
  authenticator_.apply(state_with_everything());
  EXPECT_EQ(user(ask({.authorization = "Bearer mcpg_ci_0123456789"})), "key:ci");
  EXPECT_EQ(why({.authorization = "Bearer mcpg_ci_012345678"}), Why::invalid);
  // Any text is a key where there are no tokens; else it is a token that is none.
  EXPECT_EQ(why({.authorization = "Bearer an-older-secret-text"}), Why::invalid);
  EXPECT_EQ(user(ask({.api_key = "an-older-secret-text"})), "key:old");
  auto state = state_with_everything();
  state->pipeline = {Way::api_key};
  authenticator_.apply(state);
  EXPECT_EQ(user(ask({.authorization = "Bearer an-older-secret-text"})), "key:old");
}

// ---- Another gateway ---------------------------------------------------------------------------------------------

TEST_F(AuthenticatorTest, ATrustedGatewaySaysWhoItIs) {
  authenticator_.apply(state_with_everything());
  const auto outcome = ask({.gateway_secret = secret,
                            .mcp_user_id = " bob ",
                            .mcp_user_name = "Bob",
                            .mcp_roles = "a, b,,c d",
                            .peer = "10.1.2.3"});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(**outcome,
            (Principal{.method = Method::trusted_header, .user = "bob", .name = "Bob", .roles = {"a", "b", "c d"}}));
}

TEST_F(AuthenticatorTest, TheGatewaySecretIsNeededWholeAndFromTheRightPlace) {
  authenticator_.apply(state_with_everything());
  for (const char* wrong : {"0123456789abcde", "0123456789abcdefg", "0123456789abcdeg", "x"}) {
    EXPECT_EQ(why({.gateway_secret = wrong, .mcp_user_id = "bob", .peer = "10.1.2.3"}), Why::invalid) << wrong;
  }
  for (const char* peer : {"11.1.2.3", "::1", ""}) {
    EXPECT_EQ(why({.gateway_secret = secret, .mcp_user_id = "bob", .peer = peer}), Why::invalid) << peer;
  }
  for (const char* reserved : {"", " ", "key:ci", "configuration", "anonymous"}) {
    EXPECT_EQ(why({.gateway_secret = secret, .mcp_user_id = reserved, .peer = "10.1.2.3"}), Why::invalid) << reserved;
  }
  auto everywhere = state_with_everything();
  everywhere->trusted_networks.clear();
  authenticator_.apply(everywhere);
  EXPECT_EQ(user(ask({.gateway_secret = secret, .mcp_user_id = "bob", .peer = "11.1.2.3"})), "bob");
}

TEST_F(AuthenticatorTest, WhoeverSaysWhoHeIsWithoutTheSecretIsNotBelieved) {
  auto state = state_with_everything();
  state->pipeline = {Way::trusted_header};
  authenticator_.apply(state);
  EXPECT_EQ(why({.mcp_user_id = "bob", .mcp_roles = "mcp.admin", .peer = "10.1.2.3"}), Why::missing);
  state = state_with_everything();
  state->trusted_secret = SecretString();
  authenticator_.apply(state);
  EXPECT_EQ(why({.gateway_secret = "x", .mcp_user_id = "bob", .peer = "10.1.2.3"}), Why::invalid);
}

// ---- Development -------------------------------------------------------------------------------------------------

TEST_F(AuthenticatorTest, DevelopersNeedSayNothing) {
  auto state = state_with_everything();
  state->pipeline = {Way::development};
  authenticator_.apply(state);
  const auto nobody = ask({});
  ASSERT_TRUE(nobody);
  EXPECT_EQ(**nobody, (Principal{.method = Method::development, .user = "dev", .name = "dev", .roles = {"mcp.dev"}}));
  const auto somebody =
      ask({.dev_user_id = " carol ", .dev_name = "Carol", .dev_roles = "a, b,", .has_dev_roles = true});
  ASSERT_TRUE(somebody);
  EXPECT_EQ(**somebody,
            (Principal{.method = Method::development, .user = "carol", .name = "Carol", .roles = {"a", "b"}}));
  EXPECT_EQ((*ask({.dev_user_id = "carol"}))->name, "carol");
  EXPECT_EQ((*ask({.dev_roles = "", .has_dev_roles = true}))->roles, Strings{"mcp.dev"});
  EXPECT_EQ((*ask({.dev_roles = ",,", .has_dev_roles = true}))->roles, Strings{"mcp.dev"});
  EXPECT_EQ((*ask({.dev_roles = ", ,", .has_dev_roles = true}))->roles, Strings{});
  EXPECT_EQ(why({.dev_user_id = "key:ci"}), Why::invalid);
}

}  // namespace
}  // namespace gw::auth
