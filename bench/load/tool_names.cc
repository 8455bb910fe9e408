#include "bench/load/tool_names.h"

#include <fmt/core.h>
#include <boost/json.hpp>

#include <stdexcept>

namespace gw::bench {
namespace {

constexpr Nanos kPatience = 60 * kSecond;
constexpr Nanos kPause = 50 * kMillisecond;

class Reader final : public ClientHandler {
 public:
  Reader(Poller& poller, const Options& options, const RequestWriter& writer, std::string_view session_id)
      : poller_(poller), writer_(writer), session_id_(session_id), client_(poller, *this, options.target, 0) {}

  std::vector<std::string> all_pages() {
    std::vector<std::string> names;
    std::string cursor;
    do {
      const boost::json::object page = read_page(cursor);
      for (const auto& tool : page.at("tools").as_array()) names.emplace_back(tool.at("name").as_string());
      const auto* const next = page.if_contains("nextCursor");
      cursor = next != nullptr ? std::string(next->as_string()) : std::string();
    } while (!cursor.empty());
    return names;
  }

 private:
  boost::json::object read_page(std::string_view cursor) {
    body_.clear();
    done_ = false;
    client_.request(writer_.post(0, session_id_, list_text(cursor)), now());
    const Nanos give_up = now() + kPatience;
    while (!done_ && now() < give_up) poller_.wait(give_up);
    if (!done_ || client_.reply().status != 200) {
      throw std::runtime_error(fmt::format("tools/list was answered with status {}", client_.reply().status));
    }
    return boost::json::parse(body_).at("result").as_object();
  }

  void on_body_bytes(ClientConnection&, std::string_view bytes) override { body_ += bytes; }
  void on_reply(ClientConnection&) override { done_ = true; }
  void on_connection_lost(ClientConnection&) override {
    throw std::runtime_error("the connection was closed on tools/list");
  }

  Poller& poller_;
  const RequestWriter& writer_;
  const std::string session_id_;
  std::string body_;
  bool done_ = false;
  ClientConnection client_;
};

}  // namespace

std::vector<std::string> tool_names(Poller& poller, const Options& options, const RequestWriter& writer,
                                    std::string_view session_id, std::size_t count) {
  Reader reader(poller, options, writer, session_id);
  const Nanos give_up = now() + kPatience;
  while (true) {
    auto names = reader.all_pages();
    if (names.size() >= count) return names;
    if (now() > give_up) {
      throw std::runtime_error(fmt::format("only {} of {} tools are listed after a minute", names.size(), count));
    }
    for (const Nanos next = now() + kPause; now() < next;) poller.wait(next);
  }
}

}  // namespace gw::bench
