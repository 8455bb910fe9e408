#include "search/index.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/check.h"
#include "search/words.h"

namespace gw::search {
namespace {

// BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009) with the weighted fields of BM25F.
constexpr double saturation = 1.2;     // k1
constexpr double length_weight = 0.5;  // b
constexpr double name_weight = 3, title_weight = 2.5, tag_weight = 1.5, parameter_weight = 1, description_weight = 1;

constexpr std::size_t most_words = 2000;  // Of one field.
constexpr std::size_t most_query_words = 64;

struct Posting {
  std::uint32_t document;
  float frequency;  // Weighted, and corrected for the length of the document.
};

// Weighted counts of the words of one document.
struct Counts {
  std::unordered_map<std::string, double> of;
  double words = 0;

  void add(std::string_view text, double weight) {
    for (std::string& word : words_of(text, most_words)) {
      of[std::move(word)] += weight;
      ++words;
    }
  }
};

Counts count(const Document& document) {
  Counts counts;
  counts.add(document.name, name_weight);
  counts.add(document.title, title_weight);
  counts.add(document.description, description_weight);
  for (const std::string& parameter : document.parameters) counts.add(parameter, parameter_weight);
  for (const std::string& tag : document.tags) counts.add(tag, tag_weight);
  return counts;
}

}  // namespace

struct Index::Data {
  std::size_t documents = 0;
  std::unordered_map<std::string, std::vector<Posting>> postings;  // In the order of the documents.

  double rarity(const std::vector<Posting>& list) const {
    const auto all = static_cast<double>(documents), those = static_cast<double>(list.size());
    return std::log(1 + (all - those + 0.5) / (those + 0.5));
  }
};

std::shared_ptr<const Index> Index::make(const std::vector<Document>& documents) {
  auto data = std::make_shared<Data>();
  data->documents = documents.size();
  std::vector<Counts> counted;
  counted.reserve(documents.size());
  double words = 0;
  for (const Document& document : documents) words += counted.emplace_back(count(document)).words;
  const double average = std::max(1.0, words / std::max(1.0, static_cast<double>(documents.size())));
  for (std::size_t i = 0; i < counted.size(); ++i) {
    const double correction = 1 - length_weight + length_weight * counted[i].words / average;
    for (const auto& [word, weight] : counted[i].of) {
      data->postings[word].push_back({static_cast<std::uint32_t>(i), static_cast<float>(weight / correction)});
    }
  }
  return std::make_shared<const Index>(std::move(data));
}

std::vector<Hit> Index::search(std::string_view query, std::size_t limit, const std::vector<bool>& allowed) const {
  GW_CHECK(allowed.empty() || allowed.size() == data_->documents, allowed.size(), data_->documents);
  std::vector<std::string> words = words_of(query, most_query_words);
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  std::unordered_map<std::size_t, double> scores;
  for (const std::string& word : words) {
    const auto found = data_->postings.find(word);
    if (found == data_->postings.end()) continue;
    const double rarity = data_->rarity(found->second);
    for (const auto [document, frequency] : found->second) {
      if (!allowed.empty() && !allowed[document]) continue;
      scores[document] += rarity * frequency * (saturation + 1) / (frequency + saturation);
    }
  }
  std::vector<Hit> hits;
  hits.reserve(scores.size());
  for (const auto& [document, score] : scores) hits.push_back({document, score});
  const auto better = [](const Hit& a, const Hit& b) {
    return a.score != b.score ? a.score > b.score : a.document < b.document;
  };
  const auto end = hits.begin() + static_cast<std::ptrdiff_t>(std::min(limit, hits.size()));
  std::partial_sort(hits.begin(), end, hits.end(), better);
  hits.erase(end, hits.end());
  return hits;
}

}  // namespace gw::search
