#include "cli/audit.h"

#include <algorithm>
#include <ostream>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "audit/verify.h"
#include "base/strings.h"
#include "json/json.h"

namespace gw::cli {
namespace {

void print_text(const audit::Verdict& verdict, const Console& console) {
  for (const auto& broken : verdict.breaks) {
    console.err << broken.file << ':';
    if (broken.line != 0) console.err << broken.line << ':';
    console.err << ' ' << broken.what << '\n';
  }
  if (verdict.broken > verdict.breaks.size()) {
    console.err << fmt::format("and {} more\n", verdict.broken - verdict.breaks.size());
  }
  console.out << (verdict.intact() ? "intact" : "broken") << fmt::format(": {} records", verdict.records);
  if (verdict.records > 0) {
    console.out << fmt::format(", {} to {}, from {} to {}\nlast hash: {}", verdict.first_seq, verdict.last_seq,
                               printable(verdict.first_time, 40), printable(verdict.last_time, 40), verdict.last_hash);
  }
  console.out << '\n';
}

void print_json(const audit::Verdict& verdict, const Console& console) {
  boost::json::array breaks;
  for (const auto& broken : verdict.breaks) {
    breaks.push_back({{"file", broken.file}, {"line", broken.line}, {"what", broken.what}});
  }
  console.out << json::to_pretty_text(boost::json::object{{"intact", verdict.intact()},
                                                          {"records", verdict.records},
                                                          {"firstSeq", verdict.first_seq},
                                                          {"lastSeq", verdict.last_seq},
                                                          {"firstTime", verdict.first_time},
                                                          {"lastTime", verdict.last_time},
                                                          {"lastHash", verdict.last_hash},
                                                          {"broken", verdict.broken},
                                                          {"breaks", breaks}});
}

}  // namespace

Result<> set_after(AuditQuestion& question, std::string_view text) {
  question.after = to_lower(text);
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (question.after.size() != 64 || !std::ranges::all_of(question.after, is_digit)) {
    return fail(Errc::invalid, "'{}' is not a hash of 64 hexadecimal digits", printable(text, 80));
  }
  return {};
}

int verify_audit(const AuditQuestion& question, Output output, const Console& console) {
  const auto verdict = audit::verify(audit::in_order(question.files), question.after);
  if (!verdict) {
    console.err << "mcp-gateway: " << verdict.error().message() << '\n';
    return exit_failed;
  }
  output == Output::json ? print_json(*verdict, console) : print_text(*verdict, console);
  return verdict->intact() ? exit_ok : exit_failed;
}

}  // namespace gw::cli
