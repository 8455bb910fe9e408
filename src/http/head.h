// The heads of HTTP/1.1 messages after parsing, RFC 9112.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/fields.h"

namespace gw::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };
std::string_view to_string(Method method);

// How a body is delimited.
enum class Framing : std::uint8_t {
  none,      // There is no body.
  length,    // Content-Length.
  chunked,   // Transfer-Encoding: chunked.
  to_close,  // Responses only: it lasts until the connection is closed.
};

// All views are into the buffer of the connection: see Exchange::request() for how long they last.
struct RequestHead {
  Method method = Method::other;
  std::string_view method_text;
  std::string_view target;     // As sent.
  std::string_view path;       // Of an origin-form or absolute-form target, not decoded.
  std::string_view query;      // Without the question mark.
  std::string_view authority;  // Of an absolute-form target, else the Host field.
  int minor_version = 1;
  Fields fields;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expect_continue = false;

  void clear();
  // Forgets the views and gives the memory back.
  void release();
};

struct ResponseHead {
  int status = 0;
  std::string_view reason;
  int minor_version = 1;
  Fields fields;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;

  void clear();
};

}  // namespace gw::http
