// What routing by a sealed id costs per request.
#include <benchmark/benchmark.h>

#include "session/sealed_id.h"

namespace gw::session {
namespace {

const Sealed sample{"mcp-example-0", "5f1c0b9e-7a51-4c83-9d0f-1b2c3d4e5f60", 2};
const Owner owner{"01JD0000000000000000000000", "user@example"};

void open_id(benchmark::State& state) {
  Sealer sealer(std::make_shared<Keyring>(Keyring::generate()));
  const std::string id = *sealer.seal(sample, owner);
  for (auto _ : state) benchmark::DoNotOptimize(sealer.open(id, owner, 1));
}
BENCHMARK(open_id);

void seal_id(benchmark::State& state) {
  Sealer sealer(std::make_shared<Keyring>(Keyring::generate()));
  for (auto _ : state) benchmark::DoNotOptimize(sealer.seal(sample, owner));
}
BENCHMARK(seal_id);

}  // namespace
}  // namespace gw::session
