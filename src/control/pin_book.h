// What counts as approved of pinned adapters.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "catalogue/snapshot.h"
#include "control/counters.h"
#include "control/registry.h"
#include "runtime/blocking_pool.h"
#include "runtime/completions.h"
#include "store/pin_store.h"

namespace gw::control {

// On the control loop. What a pinned adapter is first listed with counts as approved; from then on what is new or
// different waits until somebody approves it. Approvals belong to the adapter's uid and go with the pin or the adapter.
//
// What somebody approves is in the store before it counts, and completes once begun. A first listing counts at once and
// is stored behind, again with each listing until that succeeds: a restart before would take what is listed then for
// the first.
class PinBook {
 public:
  using ItemId = std::pair<catalogue::Kind, std::string>;  // Kind and name, as the server calls it.

  // A definition that waits for approval.
  struct Waiting {
    catalogue::Kind kind = catalogue::Kind::tool;
    std::string name;
    std::string hash;
    bool is_new = false;  // Nothing of that name was ever approved.
  };
  // What somebody wants to approve.
  struct Wanted {
    catalogue::Kind kind = catalogue::Kind::tool;
    std::string name;
    std::string hash;
  };

  static constexpr std::size_t max_approvals = 100'000;  // Of one adapter.

  // `on_change`, which may be empty, is called when pins() says something else. Everything outlives the book.
  PinBook(store::PinStore& store, BlockingPool& blocking, const Registry& registry, Counters& counters,
          std::function<void()> on_change);

  Task<Result<>> load();

  // The registry has changed, or is complete after the start: pins that are gone are forgotten, and adapters that are
  // pinned now are pinned to what they were listed with last.
  void follow();
  // What an adapter offers now. Before a merge that shows it.
  void listed(catalogue::ListingPtr listing);

  // Of the adapters that the registry has. Everything of a pinned adapter waits before its first listing.
  catalogue::Pins pins() const;

  // All of these are about the adapter of that name; pointers are valid until the next change or listing.
  std::vector<const store::Approval*> approvals(std::string_view adapter) const;
  const store::Approval* approval(std::string_view adapter, const ItemId& item) const;  // Null when there is none.
  // As it was listed last; null when it was not.
  const catalogue::Definition* definition(std::string_view adapter, const ItemId& item) const;
  std::vector<Waiting> waiting(std::string_view adapter) const;

  // Whether so many approvals may be added. Errc::conflict: it is not pinned, was not listed since, or has too many.
  Result<> may_approve(std::string_view adapter, std::size_t count) const;
  // Why this cannot be approved, or nothing: the definition was not listed last with that hash.
  std::optional<std::string> unfit(std::string_view adapter, const Wanted& wanted) const;
  // Adapter and items must have passed both.
  Task<Result<>> approve(std::string adapter, std::vector<Wanted> wanted, std::string by);

  // Ends when no change is under way.
  Task<> settled() { return changes_.settled(); }

 private:
  using Approvals = std::map<ItemId, store::Approval>;
  struct Listed {
    std::string uid;
    catalogue::ListingPtr listing;
    std::map<std::pair<catalogue::Kind, std::string_view>, const catalogue::Definition*> index;  // Into the listing.
    std::vector<Waiting> waiting;
  };

  const Approvals* approvals_of(std::string_view adapter) const;
  bool pin(const model::Adapter& adapter);
  Task<> store_first(store::Pin pin);
  Task<> store_removal(std::string uid);
  Task<Result<>> store_approvals(store::Pin added);
  void find_waiting(const std::string& adapter);
  void count_waiting();
  void tell() const;

  store::PinStore& store_;
  BlockingPool& blocking_;
  const Registry& registry_;
  Counters& counters_;
  std::function<void()> on_change_;
  std::map<std::string, Approvals, std::less<>> pins_;       // By uid.
  std::map<std::string, store::Pin, std::less<>> unstored_;  // First listings, by uid.
  std::map<std::string, Listed, std::less<>> listed_;        // By name.
  Completions changes_;
};

}  // namespace gw::control
