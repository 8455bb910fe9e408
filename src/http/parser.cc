#include "http/parser.h"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/core.h>

#include "base/strings.h"

namespace gw::http {
namespace {

namespace beast = boost::beast;
using boost::beast::error_code;
using beast_view = boost::beast::string_view;

std::string_view view(beast_view text) {
  return {text.data(), text.size()};
}

// What the callbacks of Beast's parser write into.
struct Sink {
  Fields* fields = nullptr;
  RequestHead* request = nullptr;
  ResponseHead* response = nullptr;
  std::string* trailers = nullptr;
  std::size_t max_fields = 0;
  std::size_t field_count = 0;
  std::string_view input;  // What is being parsed.
  std::string_view body;
  int version = 11;
};

template <bool is_request>
class BeastParser final : public beast::http::basic_parser<is_request> {
 public:
  explicit BeastParser(Sink& sink) : sink_(sink) {
    this->header_limit(std::numeric_limits<std::uint32_t>::max());  // Bounded by head_length() already.
    this->body_limit(boost::none);
  }

 private:
  void on_request_impl(beast::http::verb verb, beast_view method, beast_view target, int version,
                       error_code&) override {
    sink_.version = version;
    sink_.request->method = method_of(verb);
    sink_.request->method_text = view(method);
    sink_.request->target = view(target);
  }
  void on_response_impl(int code, beast_view reason, int version, error_code&) override {
    sink_.version = version;
    sink_.response->status = code;
    sink_.response->reason = view(reason);
  }
  void on_field_impl(beast::http::field, beast_view name, beast_view value, error_code& ec) override {
    if (++sink_.field_count > sink_.max_fields) {
      ec = beast::http::error::header_limit;
    } else if (sink_.fields != nullptr) {
      sink_.fields->add(view(name), view(value));
    } else if (is_unfolded(view(value))) {
      ec = beast::http::error::bad_value;
    } else {
      add_trailer(view(name), view(value));
    }
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, beast_view extensions, error_code& ec) override {
    // Beast lets it pass between quotes.
    if (view(extensions).find('\n') != std::string_view::npos) ec = beast::http::error::bad_chunk_extension;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast_view body, error_code&) override {
    sink_.body = view(body);
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

  static Method method_of(beast::http::verb verb) {
    switch (verb) {
      case beast::http::verb::get: return Method::get;
      case beast::http::verb::head: return Method::head;
      case beast::http::verb::post: return Method::post;
      case beast::http::verb::put: return Method::put;
      case beast::http::verb::patch: return Method::patch;
      case beast::http::verb::delete_: return Method::del;
      case beast::http::verb::options: return Method::options;
      default: return Method::other;
    }
  }

  // Beast joins folded lines in memory of its own; every other value lies in the input.
  bool is_unfolded(std::string_view value) const {
    const std::less_equal<const char*> not_after;
    const std::string_view input = sink_.input;
    return !value.empty() && !(not_after(input.data(), value.data()) &&
                               not_after(value.data() + value.size(), input.data() + input.size()));
  }

  // RFC 9110 section 6.5.1: fields that decide framing, routing or authentication have no place in a trailer. Servers
  // that make variables of fields (RFC 3875) cannot tell an underscore from a dash.
  void add_trailer(std::string_view name, std::string_view value) {
    std::string dashed(name);
    std::ranges::replace(dashed, '_', '-');
    if (known_name(dashed) == Name::other) *sink_.trailers += fmt::format("{}: {}\r\n", name, value);
  }

  Sink& sink_;
};

Rejection bad(std::string reason) {
  return {400, std::move(reason)};
}

Rejection reject(const error_code& ec) {
  if (ec == beast::http::error::header_limit) return {431, "too many header fields"};
  if (ec == beast::http::error::bad_version) return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  return bad(ec.message());
}

// Everything that Beast would tolerate or that another parser might read otherwise.
std::optional<Rejection> ambiguous(std::string_view head) {
  for (std::size_t at = 0; (at = head.find('\n', at)) != std::string_view::npos; ++at) {
    if (at == 0 || head[at - 1] != '\r') return bad("a line ends with a bare line feed");
    if (at + 1 < head.size() && (head[at + 1] == ' ' || head[at + 1] == '\t')) return bad("a header line is folded");
  }
  if (std::memchr(head.data(), '\0', head.size()) != nullptr) return bad("the head has a NUL byte");
  return {};
}

}  // namespace

struct MessageParser::Impl {
  Sink sink;
  // Beast's parsers cannot be reset, only made anew. One of them is alive while a message is read.
  std::optional<BeastParser<true>> request;
  std::optional<BeastParser<false>> response;

  std::size_t put(std::string_view bytes, error_code& ec) {
    sink.input = bytes;
    const boost::asio::const_buffer buffer(bytes.data(), bytes.size());
    return request ? request->put(buffer, ec) : response->put(buffer, ec);
  }
  bool done() const { return request ? request->is_done() : response->is_done(); }
};

MessageParser::MessageParser(ParserLimits limits) : limits_(limits), impl_(std::make_unique<Impl>()) {}
MessageParser::~MessageParser() = default;

Parsed<std::size_t> MessageParser::head_length(std::string_view bytes) {
  const std::size_t from = scanned_ > 3 ? scanned_ - 3 : 0;
  const auto end = bytes.find("\r\n\r\n", from);
  scanned_ = bytes.size();
  const std::size_t length = end == std::string_view::npos ? bytes.size() : end + 4;
  if (length > limits_.max_head) {
    return std::unexpected(Rejection{431, fmt::format("the head is larger than {} bytes", limits_.max_head)});
  }
  if (end == std::string_view::npos) {
    // A head with bare line feeds only would never end.
    if (bytes.find("\n\n", from) != std::string_view::npos)
      return std::unexpected(bad("a line ends with a bare line feed"));
    return 0;
  }
  scanned_ = 0;
  if (auto rejection = ambiguous(bytes.substr(0, length))) return std::unexpected(*std::move(rejection));
  return length;
}

Parsed<Framing> MessageParser::framing_of(const Fields& fields, std::uint64_t& length, int minor_version) const {
  const std::size_t lengths = fields.count(Name::content_length);
  const std::size_t codings = fields.count(Name::transfer_encoding);
  if (codings > 0) {
    if (lengths > 0) return std::unexpected(bad("both Content-Length and Transfer-Encoding are given"));
    if (minor_version == 0) return std::unexpected(bad("Transfer-Encoding needs HTTP/1.1"));
    if (codings > 1 || !iequals(fields.get(Name::transfer_encoding), "chunked")) {
      return std::unexpected(Rejection{501, "the only transfer coding spoken here is chunked"});
    }
    return Framing::chunked;
  }
  if (lengths == 0) return Framing::none;
  const auto value = parse_unsigned(fields.get(Name::content_length));
  if (lengths > 1 || !value) return std::unexpected(bad("Content-Length must be given once, as a decimal number"));
  length = *value;
  return Framing::length;
}

void MessageParser::begin_body(Framing framing, std::uint64_t length) {
  framing_ = framing;
  remaining_ = length;
  body_done_ = framing == Framing::none || (framing == Framing::length && length == 0);
  impl_->sink.fields = nullptr;
  impl_->sink.trailers = &trailers_;
  impl_->sink.field_count = 0;
}

Parsed<std::size_t> MessageParser::parse_head(std::string_view bytes, RequestHead& head) {
  const auto length = head_length(bytes);
  if (!length || *length == 0) return length;
  head.clear();
  trailers_.clear();
  impl_->sink = {.fields = &head.fields, .request = &head, .max_fields = limits_.max_fields};
  impl_->request.emplace(impl_->sink);
  error_code ec;
  impl_->put(bytes.substr(0, *length), ec);
  if (ec) return std::unexpected(reject(ec));
  if (impl_->sink.version != 10 && impl_->sink.version != 11) {
    return std::unexpected(Rejection{505, "only HTTP/1.0 and HTTP/1.1 are spoken here"});
  }

  head.minor_version = impl_->sink.version - 10;
  auto framing = framing_of(head.fields, head.content_length, head.minor_version);
  if (!framing) return std::unexpected(framing.error());
  head.framing = *framing;
  if (head.fields.count(Name::host) > 1 || (head.minor_version == 1 && !head.fields.has(Name::host))) {
    return std::unexpected(bad("Host must be given exactly once"));
  }
  head.keep_alive = head.minor_version == 1 ? !head.fields.list_has(Name::connection, "close")
                                            : head.fields.list_has(Name::connection, "keep-alive");
  if (const auto expect = head.fields.get(Name::expect); !expect.empty()) {
    if (!iequals(expect, "100-continue"))
      return std::unexpected(Rejection{417, "the only expectation known is 100-continue"});
    head.expect_continue = head.minor_version == 1 && head.framing != Framing::none;
  }
  begin_body(head.framing, head.content_length);
  return length;
}

Parsed<std::size_t> MessageParser::parse_head(std::string_view bytes, ResponseHead& head, bool no_body) {
  const auto length = head_length(bytes);
  if (!length || *length == 0) return length;
  head.clear();
  trailers_.clear();
  impl_->sink = {.fields = &head.fields, .response = &head, .max_fields = limits_.max_fields};
  impl_->response.emplace(impl_->sink);
  error_code ec;
  impl_->put(bytes.substr(0, *length), ec);
  if (ec) return std::unexpected(reject(ec));

  head.minor_version = impl_->sink.version - 10;
  auto framing = framing_of(head.fields, head.content_length, head.minor_version);
  if (!framing) return std::unexpected(framing.error());
  head.framing = *framing == Framing::none ? Framing::to_close : *framing;
  if (no_body || head.status < 200 || head.status == 204 || head.status == 304) head.framing = Framing::none;
  head.keep_alive = head.framing != Framing::to_close &&
                    (head.minor_version == 1 ? !head.fields.list_has(Name::connection, "close")
                                             : head.fields.list_has(Name::connection, "keep-alive"));
  begin_body(head.framing, head.content_length);
  return length;
}

Parsed<BodyPiece> MessageParser::parse_body(std::string_view bytes) {
  if (body_done_) return BodyPiece{.end = true};
  if (framing_ == Framing::to_close) return BodyPiece{bytes.size(), bytes, false};
  if (framing_ == Framing::length) {
    const std::string_view data = bytes.substr(0, std::min<std::uint64_t>(remaining_, bytes.size()));
    remaining_ -= data.size();
    body_done_ = remaining_ == 0;
    return BodyPiece{data.size(), data, body_done_};
  }
  BodyPiece piece;
  impl_->sink.body = {};
  while (impl_->sink.body.empty() && !body_done_ && piece.consumed < bytes.size()) {
    error_code ec;
    const std::size_t used = impl_->put(bytes.substr(piece.consumed), ec);
    if (ec && ec != beast::http::error::need_more)
      return std::unexpected(bad("malformed chunked body: " + ec.message()));
    piece.consumed += used;
    body_done_ = impl_->done();
    if (used == 0) break;
  }
  piece.data = impl_->sink.body;
  piece.end = body_done_;
  return piece;
}

Parsed<bool> MessageParser::end_of_input() {
  if (!body_done_ && framing_ != Framing::to_close)
    return std::unexpected(bad("the connection was closed within a body"));
  body_done_ = true;
  return true;
}

}  // namespace gw::http
