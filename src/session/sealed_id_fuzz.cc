// What was sealed opens to the same again; nothing else opens.
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
  GW_CHECK(!sealer.open(text, 0), text);

  const std::string principal = text.substr(0, 20);
  const Sealed sealed{"endpoint", text, "uid", principal, 1};
  const auto id = sealer.seal(sealed);
  if (!id) return 0;
  GW_CHECK(sealer.open(*id, 0) == sealed);
  std::string forged = *id;
  char& changed = forged[size * 7 % forged.size()];
  changed = changed == 'A' ? 'B' : 'A';
  GW_CHECK(!sealer.open(forged, 0));
  return 0;
}
