#include "telemetry/metrics_page.h"

#include <gtest/gtest.h>

namespace gw::telemetry {
namespace {

TEST(MetricsPage, WritesWhatPrometheusReads) {
  MetricsPage page;
  page.counter("gw_requests_total", "Requests.", 3, {{"class", "2xx"}});
  page.counter("gw_requests_total", "Requests.", 1, {{"class", "4xx"}});
  page.gauge("gw_open", "Open.", 2);
  const double bounds[] = {0.1, 1.0};
  const std::uint64_t counts[] = {1, 2, 3};
  page.histogram("gw_seconds", "Seconds.", bounds, counts, 4.5);
  const std::string text = page.text();
  for (const char* line : {"# TYPE gw_requests_total counter", "gw_requests_total{class=\"2xx\"} 3",
                           "gw_requests_total{class=\"4xx\"} 1", "gw_open 2", "gw_seconds_bucket{le=\"1\"} 3",
                           "gw_seconds_bucket{le=\"+Inf\"} 6", "gw_seconds_sum 4.5", "gw_seconds_count 6"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

}  // namespace
}  // namespace gw::telemetry
