#include "net/address.h"

#include <gtest/gtest.h>

namespace gw::net {
namespace {

TEST(HostPort, ReadsWhatPeopleWrite) {
  EXPECT_EQ(*parse_host_port("127.0.0.1:8000"), (HostPort{"127.0.0.1", 8000}));
  EXPECT_EQ(*parse_host_port("[::1]:0"), (HostPort{"::1", 0}));
  EXPECT_EQ(to_string(HostPort{"::1", 80}), "[::1]:80");
  for (const char* bad : {"", "8000", ":8000", "host", "host:", "host:65536", "::1:80", "h:-1"}) {
    EXPECT_FALSE(parse_host_port(bad)) << bad;
  }
}

TEST(AddressBlock, ContainsByPrefix) {
  const auto ten = AddressBlock::parse("10.0.0.0/8");
  ASSERT_TRUE(ten);
  EXPECT_TRUE(ten->contains("10.255.0.1"));
  EXPECT_FALSE(ten->contains("11.0.0.1"));
  EXPECT_FALSE(ten->contains("not an address"));
  EXPECT_TRUE(AddressBlock::parse("fd00::/9")->contains("fd7f::1"));
  EXPECT_FALSE(AddressBlock::parse("fd00::/9")->contains("fd80::1"));
  EXPECT_TRUE(AddressBlock::parse("0.0.0.0/0")->contains("203.0.113.9"));
  EXPECT_TRUE(AddressBlock::parse("192.0.2.7")->contains("192.0.2.7"));
  EXPECT_FALSE(AddressBlock::parse("::/0")->contains("203.0.113.9")) << "all of IPv6 is not all of IPv4";
  EXPECT_TRUE(AddressBlock::parse("::ffff:0:0/96")->contains("203.0.113.9"));
  for (const char* bad : {"10.0.0.0/33", "10.0.0/8", "x", "::/129", "1.2.3.4/"})
    EXPECT_FALSE(AddressBlock::parse(bad)) << bad;
}

TEST(Loopback, IsKnownInAllItsForms) {
  for (const char* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const char* host : {"localhost.evil.example", "128.0.0.1", "::2", "0.0.0.0", ""})
    EXPECT_FALSE(is_loopback_host(host)) << host;
}

}  // namespace
}  // namespace gw::net
