#include "net/egress.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace gw::net {
namespace {

bool allows(const EgressRules& rules, const std::string& host) {
  const auto address = SocketAddress::from_numeric(host, 443);
  EXPECT_TRUE(address) << host << " is no address";
  return address && rules.check(*address).has_value();
}

EgressRules rules(const std::vector<std::string>& allow, const std::vector<std::string>& deny = {},
                  bool allow_private = false) {
  return EgressRules::make(allow, deny, allow_private).value();
}

// Each block with its first and last address; the neighbours outside of it are public.
struct Edge {
  const char* before;  // Empty: what is before is denied, too.
  const char* first;
  const char* last;
  const char* after;
};

TEST(Egress, DeniesEverySpecialBlockFromItsFirstToItsLastAddress) {
  const Edge edges[] = {
      {"", "0.0.0.0", "0.255.255.255", "1.0.0.0"},
      {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
      {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
      {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
      {"168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"},
      {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
      {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
      {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
      {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
      {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
      {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
      {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
      {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
      {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
      {"223.255.255.255", "224.0.0.0", "255.255.255.255", ""},
      {"", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
      {"2001:1:ffff:ffff:ffff:ffff:ffff:ffff", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", "2001:2:1::"},
      {"2001:db7:ffff:ffff::1", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
      {"3ffe::1", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
      {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
  };
  for (const Edge& edge : edges) {
    for (const char* inside : {edge.first, edge.last}) EXPECT_FALSE(allows({}, inside)) << inside;
    for (const char* outside : {edge.before, edge.after}) {
      if (*outside != '\0') EXPECT_TRUE(allows({}, outside)) << outside;
    }
  }
}

TEST(Egress, DeniesIpv6ThatIsNotPublic) {
  for (const char* denied : {"::1", "64:ff9b:1::808:808", "100::1", "fc00::1", "fdff::1", "fe80::1", "febf::1",
                             "fec0::1", "ff02::1", "fd00:ec2::254", "fd20:ce::254", "5f00::1"}) {
    EXPECT_FALSE(allows({}, denied)) << denied;
  }
  for (const char* open : {"2606:4700::1111", "2a00:1450::1", "2620:4f:8000::1"}) EXPECT_TRUE(allows({}, open)) << open;
}

TEST(Egress, JudgesIpv4InsideOfIpv6) {
  for (const char* denied : {"::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:127.0.0.1",
                             "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:c0a8:101::1",
                             "2001:0:808:808::f5ff:fffe", "2001:0:a00:1::f7f7:f7f7"}) {
    EXPECT_FALSE(allows({}, denied)) << denied;
    EXPECT_FALSE(allows(rules({"::/0"}), denied)) << denied << ": what is inside of it was not allowed";
  }
  for (const char* open : {"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2001:0:808:808::f7f7:f7f7"}) {
    EXPECT_TRUE(allows({}, open)) << open;
    EXPECT_FALSE(allows(rules({}, {"8.8.8.8"}), open)) << open;
  }
  EXPECT_FALSE(allows({}, "::8.8.8.8")) << "compatible addresses were never public";
  EXPECT_TRUE(allows(rules({"10.0.0.0/8"}), "64:ff9b::10.0.0.1"));
  EXPECT_TRUE(allows(rules({"64:ff9b:1::/48", "10.0.0.0/8"}), "64:ff9b:1::10.0.0.1"));
}

TEST(Egress, TheLongerBlockWinsAndDenyAmongEquals) {
  const EgressRules some = rules({"10.0.0.0/8", "10.1.2.0/24", "10.3.0.0/16"}, {"10.1.0.0/16", "10.3.0.0/16"});
  EXPECT_TRUE(allows(some, "10.0.0.1"));
  EXPECT_FALSE(allows(some, "10.1.1.1"));
  EXPECT_TRUE(allows(some, "10.1.2.3"));
  EXPECT_FALSE(allows(some, "10.3.0.1"));
  EXPECT_FALSE(allows(some, "192.168.0.1")) << "other private blocks stay denied";
  EXPECT_FALSE(allows(rules({}, {"8.0.0.0/8"}), "8.8.8.8"));
  EXPECT_FALSE(allows(rules({}, {"10.0.0.0/8"}, true), "10.0.0.1"));
}

TEST(Egress, AllowPrivateLeavesMetadataServicesClosed) {
  const EgressRules open = rules({}, {}, true);
  for (const char* host : {"10.0.0.1", "172.20.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "::1", "fd00::1"}) {
    EXPECT_TRUE(allows(open, host)) << host;
  }
  const std::vector<std::string> guarded{"169.254.169.254", "100.100.100.200", "168.63.129.16",
                                         "fd00:ec2::254",   "fd20:ce::254",    "fe80::1"};
  for (const std::string& host : guarded) {
    EXPECT_FALSE(allows(open, host)) << host;
    EXPECT_FALSE(allows(rules({"0.0.0.0/0", "::/0"}, {}, true), host)) << host << ": a wide block does not name it";
    EXPECT_TRUE(allows(rules({host}), host)) << host;
  }
  EXPECT_FALSE(allows(open, "0.0.0.0")) << "which connects to this machine";
  EXPECT_FALSE(allows(open, "224.0.0.1"));
  EXPECT_FALSE(allows(open, "::ffff:169.254.169.254"));
}

TEST(Egress, UnderstandsEveryNotationOfANumericHost) {
  for (const char* denied :
       {"127.0.0.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.01", "127.1", "127.0.1", "0",
        "[::1]", "::1", "[::ffff:7f00:1]", "[fe80::1%25lo]", "fe80::1%lo", "0xA9FEA9FE", "2852039166", "10.1"}) {
    const auto checked = EgressRules().check_host(denied);
    ASSERT_FALSE(checked) << denied;
    EXPECT_EQ(checked.error().code(), Errc::forbidden);
  }
  for (const char* passes : {"8.8.8.8", "0x08080808", "[2606:4700::1111]", "localhost", "example.org", "10.example",
                             "127.0.0.1.example.org", "256.256.256.256", ""}) {
    EXPECT_TRUE(EgressRules().check_host(passes)) << passes;
  }
}

TEST(Egress, SaysWhichAddressWhyAndWhatWouldAllowIt) {
  const auto message = [](const EgressRules& some, const char* host) {
    return some.check_host(host).error().message();
  };
  EXPECT_EQ(message({}, "0x7f.1"), "the address 127.0.0.1 is loopback; egress.allow or egress.allowPrivate allows it");
  EXPECT_EQ(message(rules({"0.0.0.0/0"}), "169.254.169.254"),
            "the address 169.254.169.254 is link-local, where clouds keep their metadata; a narrower block of "
            "egress.allow allows it");
  EXPECT_EQ(message(rules({}, {"8.8.8.8"}), "8.8.8.8"), "the address 8.8.8.8 is in a block of egress.deny");
  EXPECT_EQ(message({}, "64:ff9b::a00:1"),
            "the address 64:ff9b::a00:1 leads to 10.0.0.1, which is private; egress.allow or egress.allowPrivate "
            "allows it");
}

TEST(Egress, RefusesWhatIsNoBlockAndNoInternetAddress) {
  EXPECT_EQ(EgressRules::make({"10.0.0.0/99"}, {}, false).error().code(), Errc::invalid);
  EXPECT_EQ(EgressRules::make({}, {"intranet"}, false).error().code(), Errc::invalid);
  const sockaddr local{.sa_family = AF_UNIX, .sa_data = {}};
  EXPECT_FALSE(EgressRules().check(SocketAddress(&local, sizeof local)));
  EXPECT_FALSE(EgressRules().check(SocketAddress()));
}

}  // namespace
}  // namespace gw::net
