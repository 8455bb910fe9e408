// A schema and an instance, separated by a line feed: neither may crash or run away, and what compiles says the same
// of an instance every time, with fewer problems when fewer are asked for.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "jsonschema/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gw::jsonschema;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return 0;
  const Limits limits{.max_bytes = 1 << 16, .max_values = 10'000, .max_steps = 100'000};
  const auto schema = Schema::compile(text.substr(0, end), limits);
  if (!schema) {
    GW_CHECK(!schema.error().empty());
    return 0;
  }
  const auto problems = schema->check(text.substr(end + 1), 20);
  GW_CHECK(problems.size() <= 20);
  GW_CHECK(schema->check(text.substr(end + 1), 20) == problems);
  GW_CHECK(schema->check(text.substr(end + 1), 1).empty() == problems.empty());
  return 0;
}
