#include "base/base64.h"

#include <gtest/gtest.h>

namespace gw {
namespace {

TEST(Base64Url, RoundTripsEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    bytes.push_back(static_cast<char>(i * 7));
  }
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
}

TEST(Base64Url, RefusesEverySecondSpelling) {
  for (const char* bad : {"A", "-_9", "-_8=", "+/8", "AA A", "AAAAA"}) EXPECT_FALSE(base64url_decode(bad)) << bad;
}

TEST(Base64, IsPadded) {
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("\xfb"), "+w==");
  EXPECT_EQ(base64_encode("\xfb\xff"), "+/8=");
  EXPECT_EQ(base64_encode("abc"), "YWJj");
}

}  // namespace
}  // namespace gw
