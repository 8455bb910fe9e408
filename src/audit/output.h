// Where the lines of a trail go: a file that is continued, locked and rotated, or standard output.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/trail.h"
#include "base/error.h"

namespace gw::audit {

// What the next line continues.
struct ChainEnd {
  std::uint64_t seq = 0;
  std::string hash;
};

// Used by one thread at a time.
class Output {
 public:
  // See Trail::open. Errc::conflict when another process writes the file.
  static Result<Output> open(const Options& options);
  ~Output();
  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;

  // Where the trail ended when it was opened.
  const ChainEnd& end() const { return end_; }

  // Writes from the front of `text` and removes what was written, all of it unless that fails. Standard output that
  // nobody reads counts as a failure after a second.
  Result<> write(std::string& text);
  // What was written is on the disk.
  Result<> sync();

  // How many bytes the present file still takes.
  std::uint64_t room() const;
  // Begins a new file. When that fails, the present one goes on.
  Result<> rotate();

 private:
  explicit Output(const Options& options) : options_(options) {}
  Result<> open_file();
  Result<> find_end();

  Options options_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  ChainEnd end_;
};

}  // namespace gw::audit
