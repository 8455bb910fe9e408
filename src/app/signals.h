// The signals that steer the program, taken one after the other by the main thread.
#pragma once

#include "runtime/time.h"

namespace gw::app {

// Blocks them for this thread and those that it starts; make it before there are threads.
class Signals {
 public:
  enum class Wish {
    reload,  // SIGHUP
    end,     // SIGTERM or SIGINT
  };

  Signals();
  Wish wait();
  // Whether a wish to end came within `longest`. Others are dropped.
  bool wait_at_most(Duration longest);
};

}  // namespace gw::app
