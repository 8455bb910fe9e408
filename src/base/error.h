// Expected failures as values.
//
// A function whose caller can do something about a failure returns Result<T>. The code says what the caller should do,
// not what went wrong inside; http/status.h maps it to a status and a JSON-RPC code in one place. Broken invariants are
// GW_CHECK (base/check.h). Exceptions end at the adapter of the library that throws them.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace gw {

enum class Errc {
  invalid,              // The input is wrong and will stay wrong: correct it.
  unauthenticated,      // Say who you are.
  forbidden,            // You may not.
  not_found,            // No such thing (or none that you may know of).
  conflict,             // Something of that name or state is in the way.
  precondition_failed,  // It has changed since you read it: read it again.
  too_large,            // A bound was exceeded: send less.
  rate_limited,         // Later.
  unsupported,          // This build or this peer cannot do that.
  upstream,             // The server behind the gateway failed or answered nonsense.
  unavailable,          // Nothing can serve this now: retry with backoff.
  timeout,              // It took longer than allowed.
  cancelled,            // The caller has gone; nobody needs an answer.
  internal,             // Our fault.
};

// The stable name of a code, as it appears in logs, metrics and the "code" member of a problem: "not_found".
std::string_view to_string(Errc code);

// What failed, as one sentence that names the thing, the place and the remedy. It is shown to clients: no secrets, no
// stack traces. `field` is the offending member or option ("servers[2].url") where there is one.
class Error {
 public:
  Error() = default;
  Error(Errc code, std::string message, std::string field = {})
      : code_(code), message_(std::move(message)), field_(std::move(field)) {}

  Errc code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& field() const { return field_; }

  // The same error with "`what`: " before its sentence.
  Error within(std::string_view what) const;
  Error at(std::string field) const { return {code_, message_, std::move(field)}; }

  bool operator==(const Error&) const = default;

 private:
  Errc code_ = Errc::internal;
  std::string message_;
  std::string field_;
};

template <class T = void>
using Result = std::expected<T, Error>;

// `return fail(Errc::invalid, "port {} is not between 1 and 65535", port);`
template <class... Args>
std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error(code, fmt::format(format, std::forward<Args>(args)...)));
}

}  // namespace gw

#define GW_CAT_(a, b) a##b
#define GW_CAT(a, b) GW_CAT_(a, b)
#define GW_TRY_IMPL_(leave, tmp, decl, ...)                \
  auto tmp = (__VA_ARGS__);                                \
  if (!tmp) leave std::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)
#define GW_CHECK_OK_IMPL_(leave, tmp, ...) \
  if (auto tmp = (__VA_ARGS__); !tmp) leave std::unexpected(std::move(tmp).error())

// GW_TRY(auto x, f());  binds the value of a Result or returns its error. GW_CO_TRY does so in a coroutine.
// GW_TRY_OK(f());       the same for Result<void>, or where the value is not needed.
#define GW_TRY(decl, ...) GW_TRY_IMPL_(return, GW_CAT(gw_try_, __LINE__), decl, __VA_ARGS__)
#define GW_CO_TRY(decl, ...) GW_TRY_IMPL_(co_return, GW_CAT(gw_try_, __LINE__), decl, __VA_ARGS__)
#define GW_TRY_OK(...) GW_CHECK_OK_IMPL_(return, GW_CAT(gw_try_, __LINE__), __VA_ARGS__)
#define GW_CO_TRY_OK(...) GW_CHECK_OK_IMPL_(co_return, GW_CAT(gw_try_, __LINE__), __VA_ARGS__)
