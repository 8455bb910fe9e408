#include "app/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "base/files.h"

namespace gw::app {
namespace {

std::string metric_names(const std::string& page) {
  std::set<std::string> names;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) names.insert(line.substr(7));
  }
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return text;
}

TEST(Metrics, NamesAreThoseThatDashboardsUse) {
  const WorkerCounters worker;
  const control::Counters control;
  const std::string names = metric_names(metrics_text({{&worker, &worker}, control, 0}));
  const auto golden = read_file(GW_SOURCE_DIR "/tests/golden/metrics.txt");
  ASSERT_TRUE(golden.has_value()) << golden.error().message();
  EXPECT_EQ(names, *golden) << "a changed name breaks dashboards: if that is meant, change tests/golden/metrics.txt";
}

TEST(Metrics, AddsTheWorkersUp) {
  WorkerCounters one;
  WorkerCounters two;
  one.proxy.sessions_opened.add(2);
  two.proxy.sessions_opened.add(3);
  const control::Counters control;
  const std::string page = metrics_text({{&one, &two}, control, 0});
  EXPECT_NE(page.find("mcp_gateway_proxy_sessions_opened_total 5"), std::string::npos) << page;
}

}  // namespace
}  // namespace gw::app
