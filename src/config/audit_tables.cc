#include "config/audit_tables.h"

#include <limits>

namespace gw::config {

schema::Object<audit::Options> audit_object() {
  using O = audit::Options;
  using audit::Target;
  schema::Object<O> audit;
  audit
      .field(
          "output", &O::target,
          schema::choice<Target>({{"off", Target::off}, {"file", Target::file}, {"stdout", Target::standard_output}}),
          "Where decisions and changes are recorded. When they cannot be, what they are about is refused.",
          {.restart = true})
      .field("path", &O::path, schema::text(), "The file of `output: file`.",
             {.restart = true, .default_text = "`audit.jsonl` in the state directory"})
      .field("maxBytes", &O::max_bytes, schema::size(0, std::numeric_limits<std::int64_t>::max()),
             "Then a new file begins and the old one becomes `audit.jsonl.1`; 0: never.", {.restart = true})
      .field("maxFiles", &O::max_files, schema::small_count(0, 10'000), "How many old files are kept; 0: all of them.",
             {.restart = true})
      .field("allowedDecisions", &O::allowed_decisions, schema::boolean(),
             "Also record decisions that allowed something, not only refusals and changes.", {.restart = true});
  return audit;
}

}  // namespace gw::config
