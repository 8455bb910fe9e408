// The receive buffer of a connection: one contiguous block, borrowed from its thread while there is something in it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace gw::http {

// Blocks of 16 KiB come from a free list of the thread, so an idle connection holds no memory; larger ones (long heads)
// come from the heap.
class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { give_back(); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::string_view data() const { return {block_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t bytes);

  // Room for more bytes at the end: the free part of the block, which is made or moved as needed. Empty when the buffer
  // holds `max` bytes already. Invalidates views of data().
  std::span<char> prepare(std::size_t max);
  void commit(std::size_t bytes) { end_ += bytes; }
  void append(std::string_view bytes);
  // Moves `back` behind `front`, both views of data() in this order, and returns them as one view. What was between
  // them and the old place of `back` are not to be read again.
  std::string_view join(std::string_view front, std::string_view back);
  void swap(Buffer& other) noexcept;

  // Gives the block back when there is nothing in it. Invalidates views of data().
  void release_if_empty();

 private:
  void give_back();

  std::unique_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace gw::http
