// The audit trail: an append-only file of JSON lines in which each line carries the hash of the one before, so that a
// line that was changed, removed or inserted shows (`mcp-gateway audit verify`).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "audit/record.h"
#include "base/error.h"

namespace gw::audit {

enum class Target { off, file, standard_output };

struct Options {
  Target target = Target::off;
  std::string path;                     // Of the file; never empty when target is file.
  std::uint64_t max_bytes = 256 << 20;  // Then a new file begins: audit.jsonl → audit.jsonl.1; 0: never.
  std::uint32_t max_files = 0;          // How many of those before it are kept; 0: all.
  bool allowed_decisions = true;        // Also decisions that allowed something; refusals and changes always.

  bool operator==(const Options&) const = default;
};

// Thread-safe: record() is called by workers and the control loop, each with a buffer of its own; one thread writes.
// Lines are in the order in which they were written; those of one thread keep its order.
class Trail {
 public:
  // Opens or continues the file: its last line must be whole and have a valid hash of itself, else Errc::invalid says
  // where it is broken and that `mcp-gateway audit verify` tells more. A torn last line (the machine lost power) is
  // moved aside to `<path>.torn` and said in the log. Errc::conflict when another gateway writes the file. On standard
  // output each run begins a trail of its own.
  static Result<std::unique_ptr<Trail>> open(const Options& options);
  // Writes what was recorded, then closes.
  ~Trail();

  // Whether this is to be recorded at all. record() does not ask.
  bool wants(const Record& record) const;
  // Takes the record, or says Errc::unavailable when it cannot be kept: the last attempt to write failed (the next one
  // is within a second), or 16 MiB wait to be written. The caller refuses what he was about to allow. Costs an append
  // to a buffer; the record is on the disk within about a second. What was taken is written later when writing fails,
  // and is lost only when the program ends before that.
  Result<> record(const Record& record);
  // Everything recorded so far is in the file (synced), or the error. Blocks.
  Result<> flush();

  struct State {
    std::uint64_t written = 0;
    std::uint64_t refused = 0;  // Records that could not be kept.
    std::string error;          // Why nothing can be written at present; empty when all is well.
  };
  State state() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  explicit Trail(std::unique_ptr<Impl> impl);
};

}  // namespace gw::audit
