// HTTP/1.1 messages from bytes, without I/O. Beast's basic_parser does the reading; this adds what a gateway needs:
// views instead of copies, and no tolerance for anything that two parsers could read differently (RFC 9112
// sections 5.2, 6.3 and 11.2): conflicting or repeated lengths, transfer codings other than chunked, folded lines, bare
// line feeds, NUL.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "http/head.h"

namespace gw::http {

// Why a message cannot be served, and the status that says so.
struct Rejection {
  int status = 400;
  std::string reason;
};

template <class T>
using Parsed = std::expected<T, Rejection>;

// A part of a body. `consumed` bytes of the input are used up; `data` lies within them.
struct BodyPiece {
  std::size_t consumed = 0;
  std::string_view data;
  bool end = false;  // The message is complete.
};

struct ParserLimits {
  std::size_t max_head = 64 * 1024;
  std::size_t max_fields = 128;
};

// One parser serves the messages of a connection one after the other: parse_head until it consumes something, then
// parse_body until `end`, then again. After a Rejection it is unusable.
class MessageParser {
 public:
  explicit MessageParser(ParserLimits limits);
  ~MessageParser();
  MessageParser(const MessageParser&) = delete;
  MessageParser& operator=(const MessageParser&) = delete;

  // The length of the head at the start of `bytes`, or 0 when it is not complete. Call it with the same bytes and more
  // until then. The views in `head` point into `bytes`.
  Parsed<std::size_t> parse_head(std::string_view bytes, RequestHead& head);
  // `no_body`: the request was HEAD. Interim responses (1xx) are heads like any other.
  Parsed<std::size_t> parse_head(std::string_view bytes, ResponseHead& head, bool no_body);

  // The next part of the body at the start of `bytes`. With consumed == 0 and !end it needs more bytes.
  Parsed<BodyPiece> parse_body(std::string_view bytes);
  // Whether the body is complete; right after the head too.
  bool body_done() const { return body_done_; }
  // For a response without a length: the connection was closed. A Rejection when that cut the message short.
  Parsed<bool> end_of_input();

  // The trailer fields of a chunked body once it is complete: "Name: value\r\n" each, without those that would change
  // framing or routing.
  const std::string& trailers() const { return trailers_; }

  struct Impl;

 private:
  Parsed<std::size_t> head_length(std::string_view bytes);
  Parsed<Framing> framing_of(const Fields& fields, std::uint64_t& length, int minor_version) const;
  void begin_body(Framing framing, std::uint64_t length);

  ParserLimits limits_;
  std::unique_ptr<Impl> impl_;
  std::size_t scanned_ = 0;
  Framing framing_ = Framing::none;
  std::uint64_t remaining_ = 0;
  bool body_done_ = true;
  std::string trailers_;
};

}  // namespace gw::http
