#include "catalogue/naming.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "catalogue/near.h"

namespace gw::catalogue {
namespace {

TEST(LegalName, StaysAsItIsWhereItIsLegal) {
  EXPECT_EQ(legal_name("a/B.c-d_9", 64), "a/B.c-d_9");
  EXPECT_EQ(legal_name(std::string(64, 'a'), 64), std::string(64, 'a'));
}

TEST(LegalName, HasUnderscoresForWhatIsNot) {
  EXPECT_EQ(legal_name("search files:all", 64), "search_files_all");
  EXPECT_EQ(legal_name("a\x01", 64), "a_");
}

TEST(LegalName, SaysByAHashWhatItHasLost) {
  EXPECT_EQ(legal_name("größe", 64), "gr__e_" + sha256_hex("größe").substr(0, 8));
  EXPECT_NE(legal_name("поиск", 64), legal_name("текст", 64));
  const std::string cut = legal_name(std::string(65, 'a'), 64);
  EXPECT_EQ(cut, std::string(55, 'a') + "_" + sha256_hex(std::string(65, 'a')).substr(0, 8));
  EXPECT_NE(cut, legal_name(std::string(66, 'a'), 64));
  EXPECT_EQ(legal_name("", 64).size(), 9u);
}

TEST(MappedAddress, IsReversible) {
  EXPECT_EQ(mapped_address("web", "file:///a"), "gw+web:file:///a");
  EXPECT_EQ(mapped_address("web", "ui://w/x"), "ui://gw+web/w/x");
  for (const std::string uri :
       {"file:///a", "ui://w/x", "ui://", "", ":", "gw+b:x", "ui://gw+b/x", "gw+b:ui://x", "x"}) {
    const auto back = unmapped_address(mapped_address("web", uri));
    ASSERT_TRUE(back) << uri;
    EXPECT_EQ(back->adapter, "web");
    EXPECT_EQ(back->uri, uri);
  }
  EXPECT_FALSE(unmapped_address("file:///a"));
  EXPECT_FALSE(unmapped_address("gw+web"));
  EXPECT_FALSE(unmapped_address("gw+web:ui://w/x"));
  EXPECT_FALSE(unmapped_address("ui://gw+web"));
}

TEST(Near, DistanceIsThatOfTheWholeTable) {
  EXPECT_EQ(edit_distance("kitten", "sitting", 3), 3u);
  EXPECT_FALSE(edit_distance("kitten", "sitting", 2));
  EXPECT_EQ(edit_distance("", "ab", 2), 2u);
  EXPECT_EQ(edit_distance("abc", "", 3), 3u);
  EXPECT_EQ(edit_distance("Read_File", "read_file", 0), 0u);
  EXPECT_EQ(edit_distance("abcdef", "bcdefa", 2), 2u);
  EXPECT_FALSE(edit_distance("abc", "abcdefgh", 4));
}

TEST(Near, SwappedNeighboursAreOneEdit) {
  EXPECT_EQ(edit_distance("ab", "ba", 1), 1u);
  EXPECT_FALSE(edit_distance("ab", "ba", 0));
  EXPECT_EQ(edit_distance("abcdef", "badcfe", 3), 3u);
  EXPECT_FALSE(edit_distance("abcdef", "badcfe", 2));
  EXPECT_EQ(edit_distance("xxxxcA", "xxxxac", 1), 1u);
  EXPECT_EQ(edit_distance("a_bc", "a_cbd", 2), 2u);
}

TEST(Near, NamesWithAndWithoutPrefixAreNear) {
  EXPECT_EQ(slip("search", "web_search"), 1u);
  EXPECT_EQ(slip("web_search", "search"), 1u);
  EXPECT_EQ(slip("raed_file", "read_file"), 1u);
  EXPECT_EQ(slip("scoer", "score"), 1u);
  EXPECT_EQ(slip("scroe", "score"), 1u);
  EXPECT_FALSE(slip("scoer", "stare"));
  EXPECT_FALSE(slip("send_email", "list_pods"));
  EXPECT_FALSE(slip("x", "read_x"));
  EXPECT_FALSE(slip(std::string(300, 'a'), std::string(300, 'a')));
}

}  // namespace
}  // namespace gw::catalogue
