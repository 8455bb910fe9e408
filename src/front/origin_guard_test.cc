#include "front/origin_guard.h"

#include <gtest/gtest.h>

namespace gw::front {
namespace {

bool allowed(const OriginOptions& options, std::string_view host, std::string_view origin = {}) {
  http::RequestHead head;
  head.authority = host;
  if (!origin.empty()) head.fields.add("Origin", origin);
  return OriginGuard(options).check(head).has_value();
}

TEST(OriginGuard, OnLoopbackOnlyLoopbackNamesAreServed) {
  const OriginOptions local;
  for (const char* host : {"localhost:8000", "127.0.0.1:8000", "[::1]:8000", "localhost", "LOCALHOST:1"})
    EXPECT_TRUE(allowed(local, host)) << host;
  for (const char* host : {"evil.example:8000", "localhost.evil.example", "", "[::1", "10.0.0.1:8000"})
    EXPECT_FALSE(allowed(local, host)) << host;
}

TEST(OriginGuard, AnOldProtocolVersionIsNoWayAroundIt) {
  const OriginGuard guard({});
  http::RequestHead head;
  head.minor_version = 0;
  EXPECT_TRUE(guard.check(head).has_value()) << "HTTP/1.0 has no Host";
  head.authority = "evil.example";
  EXPECT_FALSE(guard.check(head).has_value());
  head.minor_version = 1;
  EXPECT_FALSE(guard.check(head).has_value());
}

TEST(OriginGuard, OnLoopbackOnlyLoopbackOriginsAreServed) {
  const OriginOptions local;
  EXPECT_TRUE(allowed(local, "localhost:8000", "http://localhost:3000"));
  EXPECT_TRUE(allowed(local, "localhost:8000", "http://[::1]:3000"));
  for (const char* origin : {"https://evil.example", "null", "http://localhost.evil.example", "file://"}) {
    EXPECT_FALSE(allowed(local, "localhost:8000", origin)) << origin;
  }
}

TEST(OriginGuard, WhatIsConfiguredIsServed) {
  const OriginOptions open{
      .loopback_only = false, .allowed_hosts = {"gw.example"}, .allowed_origins = {"https://app.example"}};
  EXPECT_TRUE(allowed(open, "gw.example:443"));
  EXPECT_FALSE(allowed(open, "other.example"));
  EXPECT_FALSE(allowed(open, "localhost"));
  EXPECT_TRUE(allowed(open, "gw.example", "https://app.example"));
  EXPECT_TRUE(allowed(open, "gw.example", "https://gw.example"));
  EXPECT_FALSE(allowed(open, "gw.example", "https://evil.example"));
  const OriginOptions any_host{.loopback_only = false};
  EXPECT_TRUE(allowed(any_host, "whatever"));
  EXPECT_FALSE(allowed(any_host, "evil.example", "http://evil.example")) << "a rebound name must not vouch for itself";
}

TEST(OriginGuard, SaysWhatToConfigure) {
  http::RequestHead head;
  head.authority = "gw.example";
  const auto refused = OriginGuard({}).check(head);
  EXPECT_NE(refused.error().message().find("http.allowedHosts"), std::string::npos);
}

}  // namespace
}  // namespace gw::front
