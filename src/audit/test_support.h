// Folders and files of tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "audit/trail.h"
#include "base/log.h"

namespace gw::audit::testing {

class TrailFolder : public ::testing::Test {
 protected:
  TrailFolder() {
    std::string name = std::filesystem::temp_directory_path() / "gw-audit-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    log::set_sink([](log::Level, std::string_view, std::span<const log::Field>) {});
  }
  ~TrailFolder() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name = "audit.jsonl") const { return folder_ / name; }
  Options options() const { return {.target = Target::file, .path = path()}; }

  std::vector<std::string> lines(const std::string& name = "audit.jsonl") const {
    std::ifstream file(path(name));
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
  }
  void write(const std::vector<std::string>& all, const std::string& name = "audit.jsonl") const {
    std::ofstream file(path(name), std::ios::binary);
    for (const auto& line : all) file << line << '\n';
  }

  static std::unique_ptr<Trail> open(const Options& options) {
    auto trail = Trail::open(options);
    EXPECT_TRUE(trail) << trail.error().message();
    return trail ? std::move(*trail) : nullptr;
  }

  // A trail with one record for each user.
  void record(const std::vector<std::string>& users) const {
    const auto trail = open(options());
    for (const auto& user : users) EXPECT_TRUE(trail->record({.user = user, .action = "tools/call"}));
  }

  std::filesystem::path folder_;
};

}  // namespace gw::audit::testing
