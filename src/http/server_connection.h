// One connection of a client: its requests one after the other.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "http/buffer.h"
#include "http/parser.h"
#include "http/server.h"
#include "http/service.h"
#include "net/stream.h"
#include "runtime/intrusive_list.h"

namespace gw::http {

class ServerConnection final : public ListNode, private Exchange {
 public:
  ServerConnection(Server& server, std::unique_ptr<net::Stream> stream, Peer peer);

  // Serves until either side ends the connection.
  Task<> run();
  // The server wants to end: closes the connection if it is between two requests, else tells the service.
  void drain();

 private:
  enum class Received { request, end };

  Task<Received> receive_head();
  Task<bool> serve_request();
  Task<bool> drain_request_body();
  Task<> refuse(const Rejection& rejection);
  Task<> linger();

  const RequestHead& request() const override { return head_; }
  const Peer& peer() const override { return peer_; }
  MaybeTask<Result<std::string_view>> read_body() override;
  bool body_done() const override { return parser_.body_done(); }
  const std::string& request_trailers() const override { return parser_.trailers(); }
  void release_request() override;
  void start(int status, std::optional<std::uint64_t> length, std::string_view reason) override;
  void field(std::string_view name, std::string_view value) override;
  MaybeTask<Result<>> write(std::string_view part, Last last) override;
  void set_trailers(std::string trailers) override { trailers_ = std::move(trailers); }
  bool started() const override { return status_ != 0; }
  bool finished() const override { return finished_; }
  int status() const override { return status_; }
  void on_drain(std::function<void()> function) override { drain_hook_ = std::move(function); }

  Result<std::optional<std::string_view>> next_body_piece();
  Task<Result<std::string_view>> wait_for_body();
  Task<Result<>> write_slowly(MaybeTask<Result<>> writing);
  std::string_view unread() const;
  void forget_request_bytes();
  void finish_head();
  void reset_answer();

  Server& server_;
  std::unique_ptr<net::Stream> stream_;
  Peer peer_;
  Buffer buffer_;
  MessageParser parser_;
  RequestHead head_;
  bool idle_ = true;
  std::uint32_t served_ = 0;  // Requests, the present one included.
  std::function<void()> drain_hook_;

  // The request body: behind the head in buffer_, and from the first wait on in body_buffer_.
  Buffer body_buffer_;
  bool in_body_buffer_ = false;
  std::size_t head_bytes_ = 0;  // Stay in buffer_ while views of the head are in use.
  std::size_t consumed_ = 0;    // Of the body, in the buffer that it is read from.
  std::uint64_t body_received_ = 0;
  bool continue_sent_ = false;

  // The answer.
  int status_ = 0;
  bool chunked_ = false;
  bool head_sent_ = false;
  bool finished_ = false;
  bool keep_alive_ = true;
  bool body_allowed_ = true;
  std::optional<std::uint64_t> length_left_;
  std::string out_;  // The head of the answer, until it is sent.
  std::string trailers_;
  std::array<char, 20> size_line_;
};

}  // namespace gw::http
