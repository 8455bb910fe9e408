#include "app/serve.h"
#include "cli/cli.h"

int main(int argc, char** argv) {
  return gw::cli::run(argc, argv, {.serve = gw::app::serve});
}
