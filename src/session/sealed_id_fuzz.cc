// What was sealed opens to the same again, for its owner only; nothing else opens.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "session/sealed_id.h"

namespace gw::session {
namespace {

Keyring fixed_keys() {
  return *Keyring::parse("00000001 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
}

}  // namespace
}  // namespace gw::session

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gw::session;
  static Sealer sealer(std::make_shared<Keyring>(fixed_keys()));
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)Keyring::parse(text);
  const std::string principal = text.substr(0, 20);
  const Owner owner{"uid", principal};
  GW_CHECK(!sealer.open(text, owner, 0), text);

  const Sealed sealed{"endpoint", text, 1};
  const auto id = sealer.seal(sealed, owner);
  if (!id) return 0;
  GW_CHECK(sealer.open(*id, owner, 0) == sealed);
  const std::string longer = principal + "x";
  const std::string moved = "uid" + principal.substr(0, 1);
  GW_CHECK(!sealer.open(*id, {"uid", longer}, 0));
  if (!principal.empty()) GW_CHECK(!sealer.open(*id, {moved, std::string_view(principal).substr(1)}, 0));
  std::string forged = *id;
  char& changed = forged[size * 7 % forged.size()];
  changed = changed == 'A' ? 'B' : 'A';
  GW_CHECK(!sealer.open(forged, owner, 0));
  return 0;
}
