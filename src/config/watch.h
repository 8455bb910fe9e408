// Tells when a file may have changed, however it is changed: written in place, replaced by an editor, or swapped behind
// symbolic links as Kubernetes does with its volumes.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/error.h"
#include "runtime/loop.h"

namespace gw::config {

class FileWatch {
 public:
  // Calls `on_change` on the loop's thread once things have been quiet for `quiet` (and at the latest ten times that
  // after the first sign), when the file is another, has another time or size, or is gone. The file need not exist, nor
  // its folder. `on_change` may destroy the watch. Errc::unavailable when the system gives no more watches.
  static Result<std::unique_ptr<FileWatch>> start(Loop& loop, std::filesystem::path file,
                                                  std::function<void()> on_change,
                                                  Duration quiet = std::chrono::milliseconds(200));
  ~FileWatch();

 private:
  class Impl;
  explicit FileWatch(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::config
