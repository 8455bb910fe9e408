// The audit trail: an append-only file of JSON lines in which each line carries the hash of the one before, so that a
// line that was changed, removed or inserted shows (`mcp-gateway audit verify`).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "audit/record.h"
#include "base/counter.h"
#include "base/error.h"

namespace gw::audit {

enum class Target { off, file, standard_output };

struct Options {
  Target target = Target::off;
  std::string path;  // Of the file; never empty when target is file.
  std::uint64_t max_bytes =
      256 << 20;                  // Then a new file begins: audit.jsonl → audit.jsonl.1; the chain goes on. 0: never.
  std::uint32_t max_files = 0;    // Older ones are removed; 0: none is.
  bool allowed_decisions = true;  // Also decisions that allowed something; refusals and changes always.

  bool operator==(const Options&) const = default;
};

// Thread-safe: record() is called by workers and the control loop, each with a buffer of its own; one thread writes.
class Trail {
 public:
  // Opens or continues the file: its last line must be whole and have a valid hash of itself, else Errc::invalid says
  // where it is broken and that `mcp-gateway audit verify` tells more. A torn last line (the machine lost power) is
  // moved aside to `<path>.torn` and said in the log.
  static Result<std::unique_ptr<Trail>> open(const Options& options);
  // Writes what was recorded, then closes.
  ~Trail();

  bool wants(const Record& record) const;
  // Takes the record, or says Errc::unavailable when it cannot be kept: the disk is full, or the writer is 16 MiB
  // behind. The caller refuses what he was about to allow. Costs an append to a buffer.
  Result<> record(Record record);
  // Everything recorded so far is in the file (synced), or the error.
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

// Checks files in the order in which they were written.
struct Verdict {
  std::uint64_t records = 0;
  std::string first_time, last_time;
  std::string last_hash;  // Note it down: a trail that was cut at its end is as valid as a whole one.
  struct Break {
    std::string file;
    std::uint64_t line = 0;
    std::string what;  // "was changed", "follows another line", "is not an audit record"
  };
  std::vector<Break> breaks;
};
Result<Verdict> verify(const std::vector<std::filesystem::path>& files);

}  // namespace gw::audit
