// GW_CHECK(condition, values…): an invariant of ours. A failure prints the condition, the values and the place, and
// aborts. Never for conditions that input or the environment can bring about; those are Result.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/core.h>

namespace gw {

template <class... Values>
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const char* names,
                               const Values&... values) {
  std::string printed;
  ((printed += fmt::format(" {}", values)), ...);
  std::fprintf(stderr, "%s:%d: check failed: %s%s%s =%s\n", file, line, condition, *names ? "; " : "", names,
               printed.c_str());
  std::abort();
}

}  // namespace gw

#define GW_CHECK(condition, ...)                                                                      \
  do {                                                                                                \
    if (!(condition)) [[unlikely]]                                                                    \
      ::gw::check_failed(__FILE__, __LINE__, #condition, "" #__VA_ARGS__ __VA_OPT__(, ) __VA_ARGS__); \
  } while (false)
