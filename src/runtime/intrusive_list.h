// A doubly linked list whose nodes live inside the objects. Linking and unlinking never allocate, and an object leaves
// its list when it is destroyed.
#pragma once

namespace gw {

class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  bool linked() const { return next_ != this; }
  void unlink() {
    prev_->next_ = next_;
    next_->prev_ = prev_;
    next_ = prev_ = this;
  }

 private:
  template <class T>
  friend class IntrusiveList;
  ListNode* prev_ = this;
  ListNode* next_ = this;
};

// T derives from ListNode. The list owns nothing.
template <class T>
class IntrusiveList {
 public:
  bool empty() const { return !head_.linked(); }
  T& front() { return static_cast<T&>(*head_.next_); }

  void push_back(T& item) {
    ListNode& node = item;
    node.unlink();
    node.prev_ = head_.prev_;
    node.next_ = &head_;
    head_.prev_->next_ = &node;
    head_.prev_ = &node;
  }

  // Calls `visit` for each item. It may unlink or destroy the item that it is given, and no other.
  template <class Visit>
  void for_each(Visit visit) {
    for (ListNode* node = head_.next_; node != &head_;) {
      ListNode* next = node->next_;
      visit(static_cast<T&>(*node));
      node = next;
    }
  }

  // Moves all items to the end of `other`.
  void move_to(IntrusiveList& other) {
    while (!empty()) other.push_back(front());
  }

 private:
  ListNode head_;
};

}  // namespace gw
