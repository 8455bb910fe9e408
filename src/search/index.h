// Finding items by words: BM25 over names, titles, descriptions and parameters.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gw::search {

// What is searched of one item. Views are copied.
struct Document {
  std::string_view name;
  std::string_view title;
  std::string_view description;
  std::vector<std::string> parameters;
  std::vector<std::string> tags;
};

struct Hit {
  std::size_t document = 0;  // Its position in what the index was made of.
  double score = 0;          // Greater than 0.
};

// Immutable and thread-safe. Words are split at everything that is no letter or digit, at changes of case
// ("createPullRequest") and between letters and digits, and count as a whole, too ("GitHub"); compared without case and
// with a light English stemmer; names
// and titles weigh more. Unicode letters count as letters.
class Index {
 public:
  static std::shared_ptr<const Index> make(const std::vector<Document>& documents);
  // The best hits first; equal scores in the order of the documents. `allowed`, when not empty, says for each document
  // whether it may be found. A query without any known word gives nothing.
  std::vector<Hit> search(std::string_view query, std::size_t limit, const std::vector<bool>& allowed = {}) const;

  struct Data;
  explicit Index(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

 private:
  std::shared_ptr<const Data> data_;
};

}  // namespace gw::search
