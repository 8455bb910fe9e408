// A gateway of the command's own, for the servers of a configuration file.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>

#include "cli/client.h"
#include "cli/runner.h"

namespace gw::cli {

// Started as `serve --private`; ended, with its servers and what it kept, when this is destroyed or the program ends.
class PrivateGateway {
 public:
  // Waits until it can be asked; its servers may still be starting. What is wrong with the file is on standard error by
  // then. Errc::cancelled when a signal came.
  static Result<std::unique_ptr<PrivateGateway>> start(const std::filesystem::path& file, Interrupts& interrupts);
  ~PrivateGateway();
  PrivateGateway(const PrivateGateway&) = delete;
  PrivateGateway& operator=(const PrivateGateway&) = delete;

  const Target& target() const { return target_; }

 private:
  explicit PrivateGateway(pid_t process) : process_(process) {}
  Result<> wait_until_ready(int ready, const std::filesystem::path& file, Interrupts& interrupts);

  pid_t process_;
  Target target_;
};

}  // namespace gw::cli
