#include "http/buffer.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace gw::http {
namespace {

constexpr std::size_t block_size = 16 * 1024;
constexpr std::size_t max_free_blocks = 256;

thread_local std::vector<std::unique_ptr<char[]>> free_blocks;

std::unique_ptr<char[]> take_block() {
  if (free_blocks.empty()) return std::unique_ptr<char[]>(new char[block_size]);
  auto block = std::move(free_blocks.back());
  free_blocks.pop_back();
  return block;
}

}  // namespace

void Buffer::consume(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

std::span<char> Buffer::prepare(std::size_t max) {
  const std::size_t held = end_ - begin_;
  if (held >= max) return {};
  if (block_ == nullptr) {
    block_ = take_block();
    capacity_ = block_size;
  } else if (end_ == capacity_ && begin_ > 0) {
    std::memmove(block_.get(), block_.get() + begin_, held);
    begin_ = 0;
    end_ = held;
  } else if (end_ == capacity_) {
    const std::size_t larger = std::min(capacity_ * 2, std::max(max, capacity_ + 1));
    std::unique_ptr<char[]> moved(new char[larger]);
    std::memcpy(moved.get(), block_.get(), held);
    give_back();
    block_ = std::move(moved);
    capacity_ = larger;
    end_ = held;
  }
  return {block_.get() + end_, capacity_ - end_};
}

void Buffer::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = prepare(data().size() + bytes.size());
    const std::size_t part = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), part);
    commit(part);
    bytes.remove_prefix(part);
  }
}

std::string_view Buffer::join(std::string_view front, std::string_view back) {
  if (front.empty()) return back;
  char* const end = block_.get() + (front.data() + front.size() - block_.get());
  std::memmove(end, back.data(), back.size());
  return {front.data(), front.size() + back.size()};
}

void Buffer::swap(Buffer& other) noexcept {
  std::swap(block_, other.block_);
  std::swap(capacity_, other.capacity_);
  std::swap(begin_, other.begin_);
  std::swap(end_, other.end_);
}

void Buffer::release_if_empty() {
  if (empty()) give_back();
}

void Buffer::give_back() {
  if (block_ != nullptr && capacity_ == block_size && free_blocks.size() < max_free_blocks) {
    free_blocks.push_back(std::move(block_));
  }
  block_.reset();
  capacity_ = begin_ = end_ = 0;
}

}  // namespace gw::http
