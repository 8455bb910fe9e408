#include "store/sqlite/sqlite_store.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "store/contract_test.h"
#include "store/sqlite/database.h"

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
  std::unique_ptr<SqliteStore> store_ = std::move(SqliteStore::open(folder_.file())).value();
};

std::unique_ptr<ResourceStore> make_sqlite_store() {
  return std::make_unique<TemporaryStore>();
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, ::testing::Values(make_sqlite_store));

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string error_of(const fs::path& path) {
  const auto store = SqliteStore::open(path);
  return store ? "opened" : store.error().message();
}

TEST(SqliteStore, KeepsEverythingAcrossARestart) {
  const Folder folder;
  const auto adapter = example_adapter("docs");
  ASSERT_TRUE((*SqliteStore::open(folder.file()))->create(adapter));
  EXPECT_EQ((*SqliteStore::open(folder.file()))->get("docs"), adapter);
}

TEST(SqliteStore, TheFileIsReadableByItsOwnerOnly) {
  const Folder folder;
  ASSERT_TRUE(SqliteStore::open(folder.file()));
  struct stat status{};
  ASSERT_EQ(::stat(folder.file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(SqliteStore, AFileOfANewerVersionIsLeftAlone) {
  const Folder folder;
  ASSERT_TRUE(SqliteStore::open(folder.file()));
  ASSERT_TRUE(Database::open(folder.file())->execute("PRAGMA user_version = 99"));
  const auto store = SqliteStore::open(folder.file());
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
  const auto first = *SqliteStore::open(folder.file());
  const auto second = *SqliteStore::open(folder.file());
  ASSERT_TRUE(first->create(example_adapter("docs")));
  EXPECT_EQ(second->create(example_adapter("docs")).error().code(), Errc::conflict);
  ASSERT_TRUE(second->remove("docs", {}));
  EXPECT_EQ(first->get("docs").error().code(), Errc::not_found);
}

TEST(SqliteStore, AThousandAdaptersAreListedInOneGo) {
  const Folder folder;
  const auto store = *SqliteStore::open(folder.file());
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
