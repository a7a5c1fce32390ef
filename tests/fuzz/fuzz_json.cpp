// The strict JSON reader must not crash on anything, and what it accepts must survive being written
// and read again, unchanged to the byte.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unigate/json.hpp>

namespace {

void require(bool holds, const char* promise, std::string_view text) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n%.*s\n", promise, static_cast<int>(text.size()),
               text.data());
  std::abort();
}

// Walks the tree through the same views that the gateway and its adapters use.
void walk(const unigate::json::View& view, std::size_t depth, std::string_view text) {
  require(depth <= unigate::json::ReadOptions{}.depthMax, "depth within its limit", text);
  if (view.isInteger()) {
    require(view.raw()->IsInt64() || view.raw()->IsUint64(), "integers fit 64 bits", text);
  } else if (view.isNumber()) {
    require(std::isfinite(*view.number()), "numbers are finite", text);
    require(!view.int64().has_value(), "no fraction passes for an integer", text);
  }
  for (const auto& member : view.members()) {
    const auto found = view[member.name];
    require(found.raw() == member.value.raw(), "keys are unique", text);
    walk(member.value, depth + 1, text);
  }
  for (const auto& item : view.items()) walk(item, depth + 1, text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  unigate::json::Document document;
  unigate::json::ReadError error;
  if (!document.parse(text, error)) {
    require(!error.message.empty(), "a refusal has a reason", text);
    require(document.root().isNull(), "a refused document is empty", text);
    return 0;
  }
  walk(document.root(), 0, text);
  const std::string written = unigate::json::toText(document.root());
  unigate::json::Document again;
  require(again.parse(written, error), "what is written can be read", written);
  require(*again.root().raw() == *document.root().raw(), "nothing changes on the way", written);
  require(unigate::json::toText(again.root()) == written, "writing is stable", written);
  return 0;
}
