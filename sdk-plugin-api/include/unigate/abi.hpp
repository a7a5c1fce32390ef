// The bridge between C++ text and the C structs of plugin.h: conversions, and reading and writing
// of structs whose size the other side chose. Used inside the SDK; adapters rarely need it.
#pragma once

#include <unigate/plugin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace unigate::sdk::abi {

// Borrows `text`.
inline ug_str str(std::string_view text) {
  return {text.data(), text.size()};
}

inline ug_bytes bytes(std::string_view data) {
  return {reinterpret_cast<const std::uint8_t*>(data.data()), data.size()};
}

// A null pointer reads as empty text.
inline std::string_view view(const ug_str& text) {
  return text.ptr == nullptr ? std::string_view()
                             : std::string_view(text.ptr, static_cast<std::size_t>(text.len));
}

inline std::string_view view(const ug_bytes& data) {
  return data.ptr == nullptr ? std::string_view()
                             : std::string_view(reinterpret_cast<const char*>(data.ptr),
                                                static_cast<std::size_t>(data.len));
}

// A copy of a struct of the host. What the host's (older) struct doesn't have reads as zero; what a
// newer host appended is not looked at.
template <typename T>
T readStruct(const T* from) {
  static_assert(std::is_trivially_copyable_v<T>);
  T copy;
  std::memset(&copy, 0, sizeof copy);
  if (from == nullptr) return copy;
  std::memcpy(&copy, from, std::min<std::size_t>(from->struct_size, sizeof copy));
  return copy;
}

// Writes `value` into a struct of the host, never beyond its struct_size, which stays as it is.
// False when the host's struct is shorter than version 1.0 of it (`sizeMin`): nothing is written.
template <typename T>
bool writeStruct(T* to, const T& value, std::size_t sizeMin) {
  static_assert(std::is_trivially_copyable_v<T>);
  constexpr std::size_t kSkip = sizeof(to->struct_size);
  if (to == nullptr || to->struct_size < sizeMin) return false;
  std::memcpy(reinterpret_cast<unsigned char*>(to) + kSkip,
              reinterpret_cast<const unsigned char*>(&value) + kSkip,
              std::min<std::size_t>(to->struct_size, sizeof value) - kSkip);
  return true;
}

// Sizes of version 1.0 of the structs that a plugin writes to. Frozen: they don't follow sizeof.
inline constexpr std::size_t kStepSizeMin = 56;
inline constexpr std::size_t kRecipeSizeMin = 160;
inline constexpr std::size_t kWebhookEventsSizeMin = 24;

static_assert(sizeof(ug_step) >= kStepSizeMin);
static_assert(sizeof(ug_recipe) >= kRecipeSizeMin);
static_assert(sizeof(ug_webhook_events) >= kWebhookEventsSizeMin);

}  // namespace unigate::sdk::abi
