// Memory for coroutine frames: they come and go with every request, in few sizes.
#pragma once

#include <cstddef>

namespace gw::detail {

// From free lists of the thread for sizes up to 8 KiB; else from the heap. Each list keeps at most 64 frames, of those
// above 2 KiB 16. A frame may be freed on another thread than it was made on.
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

}  // namespace gw::detail
