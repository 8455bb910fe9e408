// The logs of all adapter instances, by name and number. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "process/log_ring.h"

namespace gw::process {

class LogBook {
 public:
  explicit LogBook(std::size_t bytes_per_instance = LogRing::default_bytes);
  ~LogBook();

  // The ring of an instance, made when it is first asked for. All processes of the instance write to it, one after the
  // other, or at once for the sessions of a stdio server.
  std::shared_ptr<LogRing> open(std::string_view adapter, std::uint32_t instance);
  // Null when that instance has never had a process.
  std::shared_ptr<LogRing> find(std::string_view adapter, std::uint32_t instance) const;
  // Forgets the adapter's rings, after a last line that says so. Those who still hold one keep it.
  void remove(std::string_view adapter);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::process
