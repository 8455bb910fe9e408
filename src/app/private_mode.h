// `serve --private`: a gateway that another command starts for itself, such as `tools ls --config`. Not for people.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/secret_string.h"
#include "config/options.h"

namespace gw::app {

// Ends with its parent. It listens where the command line says and nowhere else, lets in whoever has a key of its own,
// as an administrator, and remembers nothing: its state is a folder that goes with it. Of the file count the servers
// and how they are run and shown, not who may use them, what is recorded, and where it is stored.
class PrivateMode {
 public:
  // Makes the folder. From now on the kernel sends SIGTERM when the parent ends.
  static Result<PrivateMode> begin();
  PrivateMode(PrivateMode&& other) noexcept;
  PrivateMode& operator=(PrivateMode&&) = delete;
  ~PrivateMode();

  // The options of the file, changed to the above.
  config::Options restrict(const config::Options& file) const;
  const SecretString& key() const { return key_; }

 private:
  PrivateMode(std::filesystem::path folder, SecretString key);

  std::filesystem::path folder_;
  SecretString key_;
};

}  // namespace gw::app
