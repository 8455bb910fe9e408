// bench_upstream: the MCP server behind the proxies of a benchmark.
#include <fmt/core.h>
#include <sys/prctl.h>
#include <CLI/CLI.hpp>

#include <cstdio>

#include "bench/upstream/server.h"
#include "bench/upstream/stdio_server.h"

int main(int argc, char** argv) {
  CLI::App app("MCP server of the benchmarks: prints the address that it listens on");
  std::string listen = "127.0.0.1:0";
  std::size_t addresses = 0;
  std::size_t tools = 20;
  bool stdio = false;
  app.add_option("--listen", listen, "HOST:PORT; port 0 takes a free one")->capture_default_str();
  app.add_option("--addresses", addresses,
                 "Listen on that many further addresses, 127.1.0.0 and up, with the same port")
      ->check(CLI::Range(0, 65'536));
  app.add_option("--tools", tools, "Tools that tools/list has")->check(CLI::Range(0, 10'000))->capture_default_str();
  app.add_flag("--stubborn-stdio", stdio, "Speak over stdin and stdout, and end only by SIGKILL");
  CLI11_PARSE(app, argc, argv);
  if (stdio) gw::bench::run_stubborn_stdio_server();

  try {
    ::prctl(PR_SET_TIMERSLACK, 1);
    gw::bench::raise_descriptor_limit(50'000);
    auto address = gw::bench::parse_address(listen);
    gw::bench::UpstreamServer server(tools);
    address.port = server.listen(address);
    for (std::size_t i = 0; i < addresses; ++i) {
      server.listen({.host = fmt::format("127.1.{}.{}", i / 256, i % 256), .port = address.port});
    }
    fmt::print("listening on {}:{}\n", address.host, address.port);
    std::fflush(stdout);
    server.run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_upstream: {}\n", error.what());
    return 1;
  }
}
