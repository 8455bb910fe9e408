// What concerns a call of a legacy client and may arrive at any worker: that it is cancelled, and the client's answers
// to what the server asked in the middle of it.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/event.h"

namespace gw::federation {

// Calls by session and request id. Thread-safe.
class CallTable {
 public:
  struct Slot {
    Loop& loop;
    std::function<void()> cancel;
    std::string request;
    bool gone = false;  // Of the loop.
  };
  // On the loop of the call; ends when it is destroyed.
  class [[nodiscard]] Entry {
   public:
    Entry(CallTable& table, std::string_view session, std::shared_ptr<Slot> slot)
        : table_(&table), session_(session), slot_(std::move(slot)) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry();

   private:
    CallTable* table_;
    std::string_view session_;
    std::shared_ptr<Slot> slot_;
  };

  // `session` must outlive the entry; `request` is the raw id. `cancel` is called on the present loop, at most once. A
  // second call with the same id takes the place of the first.
  Entry add(std::string_view session, std::string_view request, std::function<void()> cancel);
  // Any thread. Nothing happens when there is no such call (any more).
  void cancel(std::string_view session, std::string_view request);
  // The session ended.
  void cancel_all(std::string_view session);

 private:
  struct Key {
    std::string_view session;
    std::string_view request;
    auto operator<=>(const Key&) const = default;
  };
  static void call_off(const std::shared_ptr<Slot>& slot);

  std::mutex mutex_;  // Held while functions are posted: a loop is there as long as its entries are.
  std::map<Key, std::shared_ptr<Slot>> calls_;  // Keys borrow from the slot, and what add() was given.
};

// Requests of servers that legacy clients are asked to answer. Thread-safe.
class Questions {
 public:
  struct Slot {
    Loop& loop;
    std::string session;
    Event answered;
    std::optional<std::string> answer;  // The client's message.
  };
  // On one loop; ends when it is destroyed.
  class [[nodiscard]] Question {
   public:
    Question(Questions& table, std::string id, std::shared_ptr<Slot> slot)
        : table_(table), id_(std::move(id)), slot_(std::move(slot)) {}
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;
    ~Question();

    // Raw JSON: a string that nobody can guess.
    const std::string& id() const { return id_; }
    // The client's message, a response or error response.
    Task<std::string> answer();

   private:
    Questions& table_;
    const std::string id_;
    const std::shared_ptr<Slot> slot_;
  };

  Question ask(std::string session);
  // The client of `session` sent a response with that raw id. False when nobody asked that.
  bool answered(std::string_view session, std::string_view id, std::string message);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Slot>, std::less<>> open_;
};

}  // namespace gw::federation
