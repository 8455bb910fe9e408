#include "process/log_book.h"

#include <map>
#include <mutex>

namespace gw::process {

using Key = std::pair<std::string, std::uint32_t>;

struct LogBook::Impl {
  std::size_t bytes;
  std::mutex mutex;
  std::map<Key, std::shared_ptr<LogRing>> rings;
};

LogBook::LogBook(std::size_t bytes_per_instance) : impl_(std::make_unique<Impl>()) {
  impl_->bytes = bytes_per_instance;
}
LogBook::~LogBook() = default;

std::shared_ptr<LogRing> LogBook::open(std::string_view adapter, std::uint32_t instance) {
  const std::lock_guard lock(impl_->mutex);
  auto& ring = impl_->rings[Key(adapter, instance)];
  if (!ring) ring = std::make_shared<LogRing>(impl_->bytes);
  return ring;
}

std::shared_ptr<LogRing> LogBook::find(std::string_view adapter, std::uint32_t instance) const {
  const std::lock_guard lock(impl_->mutex);
  const auto ring = impl_->rings.find(Key(adapter, instance));
  return ring == impl_->rings.end() ? nullptr : ring->second;
}

void LogBook::remove(std::string_view adapter) {
  const std::lock_guard lock(impl_->mutex);
  std::erase_if(impl_->rings, [&](const auto& entry) {
    if (entry.first.first != adapter) return false;
    entry.second->append(LogStream::gateway, "the adapter was removed");  // Wakes those who follow.
    return true;
  });
}

}  // namespace gw::process
