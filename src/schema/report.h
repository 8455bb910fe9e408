// Collects everything that is wrong with a document while it is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/node.h"

namespace gw::schema {

// One thing that is wrong: where, and a sentence that says what and how to put it right. It is shown to users.
struct Problem {
  std::string field;  // "servers[2].url"; empty for the document as a whole.
  std::string message;
  Mark mark;
};

class Report {
 public:
  // Adds a problem at the present place. Past `max_problems` they are only counted.
  void add(const Node& node, std::string message) { add(node.mark, std::move(message)); }
  void add(Mark mark, std::string message);

  const std::string& path() const { return path_; }
  const std::vector<Problem>& problems() const { return problems_; }
  std::vector<Problem> take() { return std::move(problems_); }
  bool ok() const { return problems_.empty(); }

  // Descends into a member ("url") or an item (2) for as long as it lives.
  class Inside {
   public:
    Inside(Report& report, std::string_view member);
    Inside(Report& report, std::size_t index);
    ~Inside() { report_.path_.resize(length_); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    Report& report_;
    std::size_t length_;
  };

  static constexpr std::size_t max_problems = 200;

 private:
  std::string path_;
  std::vector<Problem> problems_;
};

// The mark of the deepest node that exists on the way to `field` ("servers[2].limits.idleTimeout") from `root`.
Mark locate(const Node& root, std::string_view field);

}  // namespace gw::schema
