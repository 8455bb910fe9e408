// Memory for coroutine frames: they come and go with every request, in few sizes.
#pragma once

#include <cstddef>

namespace gw::detail {

// From free lists of the thread for sizes up to 8 KiB; else from the heap. Each list keeps at most 64 KiB, or 16
// frames. A frame may be freed on another thread than it was made on.
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

// Base of promises whose frames come from there.
struct PooledFrame {
#if !GW_PLAIN_FRAMES  // The sanitizers must see each frame come and go.
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }
#endif
};

}  // namespace gw::detail
