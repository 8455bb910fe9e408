// Notices when servers change what they said about their tools, prompts and resources.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "catalogue/item.h"
#include "control/counters.h"

namespace gw::control {

// On the control loop. A definition that goes and comes back different has changed, too. Since when the gateway runs:
// what pinned adapters changed before is known to PinBook.
class DefinitionWatch {
 public:
  static constexpr std::size_t most_known =
      50'000;                                // Definitions of one adapter; past that those that are gone are forgotten.
  static constexpr unsigned most_told = 20;  // Log events for one adapter in a minute; the others are counted.

  explicit DefinitionWatch(Counters& counters) : counters_(counters) {}

  // What an adapter offers now.
  void listed(const catalogue::Listing& listing);
  // The adapter is gone.
  void forget(std::string_view adapter);

 private:
  struct Known {
    std::string hash;
    std::uint64_t listing = 0;  // The one that had it last.
  };
  struct Adapter {
    std::map<std::pair<catalogue::Kind, std::string>, Known> definitions;
    std::uint64_t listings = 0;
    SteadyTime minute{};  // Its begin.
    unsigned told = 0;
    std::uint64_t untold = 0;
  };
  void changed(Adapter& adapter, const catalogue::Listing& listing, const catalogue::Definition& definition,
               const std::string& before);

  Counters& counters_;
  std::map<std::string, Adapter, std::less<>> adapters_;
};

}  // namespace gw::control
