#include "vault/vault.h"

#include <gtest/gtest.h>

#include "store/memory_secret_store.h"
#include "testing/run.h"

namespace gw::vault {
namespace {

struct Fixture {
  store::MemorySecretStore store;
  BlockingPool blocking{1};

  Vault vault(char key = 'k') {
    return Vault(store, blocking, Cipher(SecretString(std::string(Cipher::key_size, key))));
  }
};

std::string value(const Vault& vault, std::string_view name) {
  const auto found = vault.find(name);
  return found ? std::string(found->reveal()) : "error: " + found.error().message();
}

TEST(Vault, KeepsSecretsAcrossARestartAndOnlySealed) {
  testing::run([]() -> Task<> {
    Fixture f;
    Vault vault = f.vault();
    EXPECT_TRUE(co_await vault.set("b", SecretString("two")));
    EXPECT_TRUE(co_await vault.set("a", SecretString("hunter2")));
    EXPECT_EQ(value(vault, "a"), "hunter2");
    EXPECT_FALSE(f.store.list_secrets()->at(0).sealed.contains("hunter2"));

    Vault again = f.vault();
    EXPECT_TRUE(co_await again.load());
    EXPECT_EQ(value(again, "a"), "hunter2");
    EXPECT_EQ(again.list(), vault.list());
    EXPECT_EQ(again.list().at(1).name, "b");
  });
}

TEST(Vault, ReplacingKeepsTheTimeOfCreationAndTellsOfTheChange) {
  testing::run([]() -> Task<> {
    Fixture f;
    Vault vault = f.vault();
    int changes = 0;
    vault.on_change([&] { ++changes; });
    const auto first = co_await vault.set("a", SecretString("one"));
    const auto second = co_await vault.set("a", SecretString("two"));
    EXPECT_TRUE(first && second);
    EXPECT_EQ(first->created_at, second->created_at);
    EXPECT_EQ(value(vault, "a"), "two");
    EXPECT_TRUE(co_await vault.remove("a"));
    EXPECT_EQ(changes, 3);
    EXPECT_EQ(value(vault, "a"), "error: there is no secret named 'a'; set it with mcp-gateway secrets set a");
    EXPECT_EQ((co_await vault.remove("a")).error().code(), Errc::not_found);
    EXPECT_EQ(changes, 3);
  });
}

TEST(Vault, AChangeCompletesAlthoughItsCallerLeaves) {
  testing::run([]() -> Task<> {
    Fixture f;
    Vault vault = f.vault();
    {
      TaskGroup callers;
      callers.spawn("caller", [](Vault& v) -> Task<> { co_await v.set("a", SecretString("one")); }(vault));
    }
    co_await vault.settled();
    EXPECT_EQ(value(vault, "a"), "one");
  });
}

TEST(Vault, AnotherKeyOpensNothingButLetsEverythingBeSetAgain) {
  testing::run([]() -> Task<> {
    Fixture f;
    Vault before = f.vault('k');
    co_await before.set("a", SecretString("one"));
    Vault vault = f.vault('l');
    EXPECT_TRUE(co_await vault.load());
    EXPECT_EQ(vault.find("a").error().code(), Errc::invalid);
    EXPECT_TRUE(co_await vault.set("a", SecretString("two")));
    EXPECT_EQ(value(vault, "a"), "two");
  });
}

TEST(Vault, RefusesWhatCannotBeASecret) {
  testing::run([]() -> Task<> {
    Fixture f;
    Vault vault = f.vault();
    const auto refused = [&](std::string name, std::string text) -> Task<Errc> {
      const auto set = co_await vault.set(std::move(name), SecretString(std::move(text)));
      co_return set ? Errc::internal : set.error().code();
    };
    EXPECT_EQ(co_await refused("a b", "x"), Errc::invalid);
    EXPECT_EQ(co_await refused("", "x"), Errc::invalid);
    EXPECT_EQ(co_await refused("a", ""), Errc::invalid);
    EXPECT_EQ(co_await refused("a", std::string("x\0y", 3)), Errc::invalid);
    EXPECT_EQ(co_await refused("a", std::string(Vault::max_value + 1, 'x')), Errc::too_large);
    EXPECT_TRUE(vault.list().empty());
  });
}

}  // namespace
}  // namespace gw::vault
