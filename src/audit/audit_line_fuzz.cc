// Any bytes as a line; and as the values of a record, which must come back as one intact line.
#include <cstdlib>

#include "audit/line.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gw::audit;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_line(text);

  Record record;
  record.user = text.substr(0, size / 2);
  record.item = text.substr(size / 2);
  record.reason = text;
  std::string hash(no_hash);
  const std::string line = make_line(1, members_of(record, {}), hash);
  const auto read = read_line(std::string_view(line).substr(0, line.size() - 1));
  const bool one_line = line.find('\n') == line.size() - 1 && line.size() <= longest_line;
  if (!one_line || !read || !read->intact || read->hash != hash || read->previous != no_hash) std::abort();
  return 0;
}
