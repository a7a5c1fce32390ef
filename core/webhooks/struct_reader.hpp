// Bounds for what a plugin's webhook functions hand over, and how its texts are copied. Used by the
// readers of recipes and events.
#pragma once

#include <unigate/plugin.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "base/text.hpp"

namespace unigate::webhooks {

// Thrown inside the readers alone: the promise that the plugin broke.
struct BrokenPromise : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr std::size_t kShortBytesMax = 256;
inline constexpr std::size_t kLineBytesMax = 4096;
// A signed text is at most the body with the URL and a few names around it.
inline constexpr std::size_t kMessageBytesMax = 2 * base::limits::kBodyBytesMax;
inline constexpr std::uint32_t kMessagesMax = 16;
inline constexpr std::uint32_t kExpectedMax = 64;
inline constexpr std::uint32_t kDigestChecksMax = 8;
inline constexpr std::uint32_t kEventsMax = 256;
inline constexpr std::uint64_t kStrideMax = 4096;

inline std::string copyBytes(const void* ptr, std::uint64_t len, std::size_t bytesMax,
                             const char* name) {
  if (len == 0) return {};
  if (ptr == nullptr) throw BrokenPromise(std::string(name) + " is null with a length");
  if (len > bytesMax) {
    throw BrokenPromise(std::string(name) + " has " + std::to_string(len) + " bytes, more than " +
                        std::to_string(bytesMax));
  }
  return {static_cast<const char*>(ptr), static_cast<std::size_t>(len)};
}

inline std::string copyText(const ug_str& text, std::size_t bytesMax, const char* name) {
  std::string copy = copyBytes(text.ptr, text.len, bytesMax, name);
  if (!base::isUtf8(copy)) throw BrokenPromise(std::string(name) + " is not UTF-8");
  return copy;
}

// The i-th of an array that its author walks in steps of `stride` bytes: the reader's own struct,
// zero where the author's is shorter.
template <typename T>
T elementAt(const T* first, std::uint64_t stride, std::size_t index, const char* name) {
  if (stride < sizeof(std::uint64_t) || stride > kStrideMax || stride % alignof(T) != 0)
    throw BrokenPromise(std::string(name) + " has a stride of " + std::to_string(stride));
  T ours;
  std::memset(&ours, 0, sizeof(ours));
  const auto* bytes = reinterpret_cast<const char*>(first) + index * stride;
  std::memcpy(&ours, bytes, std::min<std::size_t>(stride, sizeof(ours)));
  return ours;
}

inline void checkArray(const void* first, std::uint32_t count, std::uint32_t countMax,
                       const char* name) {
  if (count > countMax) {
    throw BrokenPromise(std::string(name) + " are " + std::to_string(count) + ", more than " +
                        std::to_string(countMax));
  }
  if (count > 0 && first == nullptr) throw BrokenPromise(std::string(name) + " are null");
}

}  // namespace unigate::webhooks
