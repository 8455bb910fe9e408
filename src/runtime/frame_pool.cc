#include "runtime/frame_pool.h"

#include <algorithm>
#include <array>
#include <new>

namespace gw::detail {
namespace {

constexpr std::size_t step = 64;
constexpr std::size_t largest = 8192;

constexpr std::size_t max_kept(std::size_t size) {
  return std::max<std::size_t>(16, (64 << 10) / size);
}

struct FreeList {
  struct Node {
    Node* next;
  };
  Node* first = nullptr;
  std::size_t count = 0;
};

struct FreeLists {
  std::array<FreeList, largest / step> lists;

  ~FreeLists() {
    for (FreeList& list : lists) {
      while (FreeList::Node* node = list.first) {
        list.first = node->next;
        ::operator delete(node);
      }
      list.count = max_kept(1);  // What is freed after this goes to the heap.
    }
  }
};

thread_local FreeLists free_lists;

std::size_t class_of(std::size_t size) {
  return (size - 1) / step;
}

}  // namespace

void* allocate_frame(std::size_t size) {
  if (size > largest) return ::operator new(size);
  FreeList& list = free_lists.lists[class_of(size)];
  if (list.first == nullptr) return ::operator new((class_of(size) + 1) * step);
  FreeList::Node* const node = list.first;
  list.first = node->next;
  --list.count;
  return node;
}

void free_frame(void* frame, std::size_t size) noexcept {
  if (size > largest) return ::operator delete(frame);
  FreeList& list = free_lists.lists[class_of(size)];
  if (list.count >= max_kept((class_of(size) + 1) * step)) return ::operator delete(frame);
  auto* const node = static_cast<FreeList::Node*>(frame);
  node->next = list.first;
  list.first = node;
  ++list.count;
}

}  // namespace gw::detail
