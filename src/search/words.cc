#include "search/words.h"

#include <algorithm>
#include <cstdint>

namespace gw::search {
namespace {

enum class Class { other, lower, upper, digit, single };

struct Character {
  std::uint32_t code = 0;  // Folded.
  Class kind = Class::other;
};

bool between(std::uint32_t code, std::uint32_t low, std::uint32_t high) {
  return code >= low && code <= high;
}

bool is_vowel(char c) {
  return std::string_view("aeiouy").find(c) != std::string_view::npos;
}

// Characters outside ASCII that are no letters: signs of Latin-1, punctuation, arrows, symbols, private ones.
bool is_sign(std::uint32_t code) {
  if (code == 0xAA || code == 0xB5 || code == 0xBA) return false;
  return between(code, 0x80, 0xBF) || code == 0xD7 || code == 0xF7 || between(code, 0x2000, 0x206F) ||
         between(code, 0x20A0, 0x20CF) || between(code, 0x2190, 0x2BFF) || between(code, 0x3000, 0x303F) ||
         between(code, 0xE000, 0xF8FF) || between(code, 0xFE30, 0xFE4F) || between(code, 0xFF00, 0xFF0F) ||
         between(code, 0xFFF0, 0xFFFF) || between(code, 0x1F000, 0x1FAFF);
}

// Scripts that are written without blanks between words.
bool stands_alone(std::uint32_t code) {
  return between(code, 0x3040, 0x30FF) || between(code, 0x3400, 0x9FFF) || between(code, 0xAC00, 0xD7AF) ||
         between(code, 0xF900, 0xFAFF) || between(code, 0x20000, 0x3FFFF);
}

// Lower case of Latin, Greek, Cyrillic and Armenian capitals, as far as their order in Unicode gives it.
std::uint32_t folded(std::uint32_t code) {
  if (between(code, 'A', 'Z') || between(code, 0xC0, 0xDE) || between(code, 0x391, 0x3A9) ||
      between(code, 0x410, 0x42F)) {
    return code + 0x20;
  }
  if (between(code, 0x400, 0x40F)) return code + 0x50;
  if (between(code, 0x531, 0x556)) return code + 0x30;
  if (between(code, 0x139, 0x148) || between(code, 0x179, 0x17E)) return code % 2 == 1 ? code + 1 : code;
  const bool pairs = between(code, 0x100, 0x137) || between(code, 0x14A, 0x177) || between(code, 0x460, 0x481) ||
                     between(code, 0x48A, 0x4BF) || between(code, 0x4D0, 0x52F) || between(code, 0x1E00, 0x1EFF);
  return pairs && code % 2 == 0 ? code + 1 : code;
}

// The code point at `at`, which moves behind it. Malformed bytes are signs.
std::uint32_t next_code(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
  if (more == 0 || text.size() - at < more) return 0xFFFD;
  std::uint32_t code = lead & (0x3F >> more);
  for (std::size_t i = 0; i < more; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xC0) != 0x80) return 0xFFFD;
    code = code << 6 | (byte & 0x3F);
  }
  at += more;
  return code;
}

Character classify(std::uint32_t code) {
  if (between(code, '0', '9')) return {code, Class::digit};
  if (code < 0x80) {
    if (between(code, 'a', 'z')) return {code, Class::lower};
    return {folded(code), between(code, 'A', 'Z') ? Class::upper : Class::other};
  }
  if (is_sign(code)) return {code, Class::other};
  if (stands_alone(code)) return {code, Class::single};
  return {folded(code), folded(code) == code ? Class::lower : Class::upper};
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

// Whether a new word begins at `run[at]`: "pull|Request", "HTTP|Server", "oauth|2".
bool is_border(const std::vector<Character>& run, std::size_t at) {
  const Class before = run[at - 1].kind, here = run[at].kind;
  if ((before == Class::digit) != (here == Class::digit)) return true;
  if (before == Class::lower && here == Class::upper) return true;
  return before == Class::upper && here == Class::upper && at + 1 < run.size() && run[at + 1].kind == Class::lower;
}

// Adds the words of a run of letters and digits, and the run itself when it has several.
void add_run(const std::vector<Character>& run, std::vector<std::string>& words) {
  std::string whole, part;
  std::size_t parts = 1;
  for (std::size_t i = 0; i < run.size(); ++i) {
    if (i > 0 && is_border(run, i)) {
      words.push_back(stem(std::exchange(part, {})));
      ++parts;
    }
    append_utf8(part, run[i].code);
    append_utf8(whole, run[i].code);
  }
  if (!part.empty()) words.push_back(stem(std::move(part)));
  if (parts > 1) words.push_back(stem(std::move(whole)));
}

bool strip(std::string& word, std::string_view ending, std::size_t least) {
  if (!word.ends_with(ending) || word.size() < ending.size() + least) return false;
  const auto end = word.end() - static_cast<std::ptrdiff_t>(ending.size());
  if (std::none_of(word.begin(), end, is_vowel)) return false;
  word.erase(end, word.end());
  return true;
}

}  // namespace

std::string stem(std::string word) {
  if (!std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; })) return word;
  if (strip(word, "ies", 2)) {
    word += 'y';
  } else if (!word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is")) {
    if (!strip(word, "sses", 1)) {
      strip(word, "s", 3);
    } else {
      word += "ss";
    }
  }
  if (!word.ends_with("eed") && !strip(word, "ing", 3) && !strip(word, "ed", 3) &&
      (word.ends_with("tion") || word.ends_with("sion"))) {
    strip(word, "ion", 4);
  }
  strip(word, "e", 3);
  const std::size_t size = word.size();
  if (size > 3 && word[size - 1] == word[size - 2] && !is_vowel(word[size - 1])) word.pop_back();
  if (word.size() > 3 && word.ends_with('y')) word.back() = 'i';
  return word;
}

std::vector<std::string> words_of(std::string_view text, std::size_t most) {
  constexpr std::size_t longest_run = 64;
  std::vector<std::string> words;
  std::vector<Character> run;
  const auto end_run = [&] {
    if (!run.empty()) add_run(run, words);
    run.clear();
  };
  for (std::size_t at = 0; at < text.size() && words.size() < most;) {
    const Character c = classify(next_code(text, at));
    if (c.kind == Class::other || c.kind == Class::single || run.size() == longest_run) end_run();
    if (c.kind == Class::single) append_utf8(words.emplace_back(), c.code);
    if (c.kind != Class::other && c.kind != Class::single) run.push_back(c);
  }
  end_run();
  if (words.size() > most) words.resize(most);
  return words;
}

}  // namespace gw::search
