// Reads HTTP/1.1 messages of one direction, as little as a benchmark needs: lengths, chunks, the session id.
// It trusts its peer: what it cannot follow it refuses, but it is no validator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::bench {

// Views are valid during on_head() only.
struct MessageHead {
  std::string_view start_line;
  std::string_view session_id;  // Mcp-Session-Id, else empty.
  bool event_stream = false;

  int status() const;               // Of a response; 0 when the line is none.
  std::string_view method() const;  // Of a request.
  std::string_view path() const;    // Of a request; with its query.
};

// Callbacks must not destroy the reader.
class MessageSink {
 public:
  virtual void on_head(const MessageHead& head) = 0;
  virtual void on_body(std::string_view bytes) = 0;  // Decoded; any number of times.
  virtual void on_message_end() = 0;

 protected:
  ~MessageSink() = default;
};

class HttpReader {
 public:
  enum class Kind { requests, responses };

  // `sink` must outlive the reader.
  HttpReader(Kind kind, MessageSink& sink) : kind_(kind), sink_(sink) {}

  // Takes the next bytes of the connection. False: this is not HTTP/1.1, give up the connection.
  bool feed(std::string_view bytes);

  // The peer closed. True when that was between messages, or is how the running message ends.
  bool finish();

 private:
  enum class State { head, fixed, until_close, chunk_size, chunk_data, chunk_end, trailers };

  // Each takes what it can from the front of `bytes`; false: malformed.
  bool step(std::string_view& bytes);
  bool take_head(std::string_view& bytes);
  bool begin_message(std::string_view head);
  bool take_chunk_size(std::string_view& bytes);
  bool take_trailer(std::string_view& bytes);
  void take_data(std::string_view& bytes, State next);
  // A complete line (without its end), or false while it has to be continued in the next bytes.
  bool take_line(std::string_view& bytes, std::string& line);
  void end_message();

  Kind kind_;
  MessageSink& sink_;
  State state_ = State::head;
  std::string partial_;          // The head or line that the last bytes did not complete.
  std::uint64_t remaining_ = 0;  // Of the body or the chunk.
};

}  // namespace gw::bench
