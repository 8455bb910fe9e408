#include "store/sqlite/sqlite_store.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "store/contract_test.h"
#include "store/key_contract_test.h"
#include "store/pin_contract_test.h"
#include "store/secret_contract_test.h"
#include "store/session_contract_test.h"
#include "store/sqlite/database.h"
#include "store/sqlite/sqlite_key_store.h"
#include "store/sqlite/sqlite_pin_store.h"
#include "store/sqlite/sqlite_secret_store.h"
#include "store/sqlite/sqlite_session_store.h"
#include "store/sqlite/sqlite_stores.h"

namespace gw::store {
namespace {

namespace fs = std::filesystem;

// A folder that is gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = fs::temp_directory_path() / "gw-store-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  fs::path file() const { return path_ / "gateway.db"; }

 private:
  fs::path path_;
};

Result<std::unique_ptr<SqliteStore>> open(const fs::path& path) {
  GW_TRY(FilePtr file, open_file(path));
  return SqliteStore::in(std::move(file));
}

// Owns its folder, for the contract's tests.
class TemporaryStore final : public ResourceStore {
 public:
  Result<Page> list(std::string_view after, std::size_t limit) override { return store_->list(after, limit); }
  Result<model::Adapter> get(std::string_view name) override { return store_->get(name); }
  Result<> create(const model::Adapter& adapter) override { return store_->create(adapter); }
  Result<model::Adapter> update(const model::AdapterSpec& spec, WallTime now,
                                const std::optional<Version>& expected) override {
    return store_->update(spec, now, expected);
  }
  Result<> remove(std::string_view name, const std::optional<Version>& expected) override {
    return store_->remove(name, expected);
  }

 private:
  Folder folder_;
  std::unique_ptr<SqliteStore> store_ = std::move(open(folder_.file())).value();
};

std::unique_ptr<ResourceStore> make_sqlite_store() {
  return std::make_unique<TemporaryStore>();
}

// Files are removed at once: SQLite keeps using what it has open.
FilePtr temporary_file() {
  const Folder folder;
  return *open_file(folder.file());
}

std::unique_ptr<KeyStore> make_sqlite_key_store() {
  return *SqliteKeyStore::in(temporary_file());
}
std::unique_ptr<SecretStore> make_sqlite_secret_store() {
  return *SqliteSecretStore::in(temporary_file());
}
std::unique_ptr<PinStore> make_sqlite_pin_store() {
  return *SqlitePinStore::in(temporary_file());
}
std::unique_ptr<SessionStore> make_sqlite_session_store() {
  return *SqliteSessionStore::in(temporary_file());
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, ::testing::Values(make_sqlite_store));
INSTANTIATE_TEST_SUITE_P(Sqlite, KeyStoreContract, ::testing::Values(make_sqlite_key_store));
INSTANTIATE_TEST_SUITE_P(Sqlite, SecretStoreContract, ::testing::Values(make_sqlite_secret_store));
INSTANTIATE_TEST_SUITE_P(Sqlite, PinStoreContract, ::testing::Values(make_sqlite_pin_store));
INSTANTIATE_TEST_SUITE_P(Sqlite, SessionStoreContract, ::testing::Values(make_sqlite_session_store));

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string error_of(const fs::path& path) {
  const auto store = open(path);
  return store ? "opened" : store.error().message();
}

TEST(SqliteStore, KeepsEverythingAcrossARestart) {
  const Folder folder;
  const auto adapter = example_adapter("docs");
  ASSERT_TRUE((*open(folder.file()))->create(adapter));
  EXPECT_EQ((*open(folder.file()))->get("docs"), adapter);
}

TEST(SqliteStore, KeepsKeysSecretsPinsAndSessionsAcrossARestart) {
  const Folder folder;
  const WallTime now(std::chrono::milliseconds(1'787'304'600'125));
  const StoredSession session{
      .id = "i", .text = "said", .changed_at = now, .expires_at = now + std::chrono::milliseconds(1)};
  {
    const auto stores = *sqlite_stores(folder.file());
    ASSERT_TRUE(stores.keys->create_key(example_key("aaa")));
    ASSERT_TRUE(stores.secrets->put_secret("s", "sealed", now));
    ASSERT_TRUE(stores.pins->add_approvals({"u", {example_approval("tool", "a")}}));
    ASSERT_TRUE(stores.sessions->write_sessions({session}, {}));
  }
  const auto stores = *sqlite_stores(folder.file());
  EXPECT_EQ(stores.keys->list_keys(), std::vector{example_key("aaa")});
  EXPECT_EQ(stores.secrets->list_secrets()->at(0).sealed, "sealed");
  EXPECT_EQ(stores.pins->list_pins(), (std::vector<Pin>{{"u", {example_approval("tool", "a")}}}));
  EXPECT_EQ(stores.sessions->list_sessions(now), std::vector{session});
}

TEST(SqliteStore, AFileOfTheFirstVersionIsBroughtUpToDateWithItsAdapters) {
  const Folder folder;
  const auto adapter = example_adapter("docs");
  ASSERT_TRUE((*open(folder.file()))->create(adapter));
  ASSERT_TRUE(Database::open(folder.file())
                  ->execute("DROP TABLE api_keys; DROP TABLE secrets; DROP TABLE sessions; DROP TABLE pins; "
                            "DROP TABLE approvals; PRAGMA user_version = 1"));
  const auto stores = *sqlite_stores(folder.file());
  EXPECT_EQ(stores.resources->get("docs"), adapter);
  EXPECT_TRUE(stores.keys->create_key(example_key("aaa")));
  EXPECT_EQ(Database::open(folder.file())->number_of("PRAGMA user_version"), 3);
}

TEST(SqliteStore, AFileOfTheSecondVersionIsBroughtUpToDateWithItsKeys) {
  const Folder folder;
  ASSERT_TRUE(sqlite_stores(folder.file())->keys->create_key(example_key("aaa")));
  ASSERT_TRUE(Database::open(folder.file())
                  ->execute("DROP TABLE sessions; DROP TABLE pins; DROP TABLE approvals; PRAGMA user_version = 2"));
  const auto stores = *sqlite_stores(folder.file());
  EXPECT_EQ(stores.keys->list_keys(), std::vector{example_key("aaa")});
  EXPECT_TRUE(stores.pins->add_approvals({"u", {}}));
  EXPECT_TRUE(stores.sessions->prune_sessions(WallTime(), 1));
}

TEST(SqliteStore, TheFileIsReadableByItsOwnerOnly) {
  const Folder folder;
  ASSERT_TRUE(open(folder.file()));
  struct stat status{};
  ASSERT_EQ(::stat(folder.file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(SqliteStore, AFileOfANewerVersionIsLeftAlone) {
  const Folder folder;
  ASSERT_TRUE(open(folder.file()));
  ASSERT_TRUE(Database::open(folder.file())->execute("PRAGMA user_version = 99"));
  const auto store = open(folder.file());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code(), Errc::unsupported);
  EXPECT_NE(store.error().message().find("newer mcp-gateway (schema 99"), std::string::npos);
}

TEST(SqliteStore, ADatabaseOfAnotherProgramIsLeftAlone) {
  const Folder folder;
  ASSERT_TRUE(Database::open(folder.file())->execute("CREATE TABLE theirs (x)"));
  EXPECT_NE(error_of(folder.file()).find("another program"), std::string::npos);
}

TEST(SqliteStore, ADamagedFileIsNamedWithARemedy) {
  const Folder folder;
  write_file(folder.file(), std::string(5000, 'x'));
  const auto message = error_of(folder.file());
  EXPECT_NE(message.find(folder.file().string()), std::string::npos) << message;
  EXPECT_NE(message.find("restore it from a backup"), std::string::npos) << message;
}

TEST(SqliteStore, AMissingFolderIsNamed) {
  const auto message = error_of("/nonexistent/gateway.db");
  EXPECT_NE(message.find("/nonexistent/gateway.db: No such file"), std::string::npos) << message;
}

TEST(SqliteStore, TwoConnectionsSeeEachOthersChanges) {
  const Folder folder;
  const auto first = *open(folder.file());
  const auto second = *open(folder.file());
  ASSERT_TRUE(first->create(example_adapter("docs")));
  EXPECT_EQ(second->create(example_adapter("docs")).error().code(), Errc::conflict);
  ASSERT_TRUE(second->remove("docs", {}));
  EXPECT_EQ(first->get("docs").error().code(), Errc::not_found);
}

TEST(SqliteStore, AThousandAdaptersAreListedInOneGo) {
  const Folder folder;
  const auto store = *open(folder.file());
  {
    auto database = *Database::open(folder.file());
    ASSERT_TRUE(store->create(example_adapter("a")));
    ASSERT_TRUE(database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
        "INSERT INTO adapters SELECT 'a-' || i, uid, revision, created_by, created_at, last_updated_at, spec "
        "FROM n, adapters WHERE name = 'a'"));
  }
  EXPECT_EQ(store->list("", 10'000)->adapters.size(), 1000u);
}

}  // namespace
}  // namespace gw::store
