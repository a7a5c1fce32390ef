// The card guard must not crash on anything, what it masks must hold no card number any more, and
// it changes nothing but digits.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unigate/json.hpp>

#include "base/card_guard.hpp"

namespace {

void require(bool holds, const char* promise, std::string_view text) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n%.*s\n", promise, static_cast<int>(text.size()),
               text.data());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace unigate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool found = base::looksLikeCardNumber(text);
  const std::string masked = base::maskCardNumbers(text);
  require(masked.size() <= text.size(), "masking makes nothing longer", text);
  require(found == (masked != text), "what is found is masked, and nothing else", text);
  json::Document document;
  json::ReadError error;
  if (!document.parse(text, error)) return 0;
  const bool within = base::findCardNumber(document.root()).has_value();
  const std::string clean = base::maskCardNumbersInJson(text);
  require(within == (clean != text), "JSON is changed when it holds a card number", text);
  return 0;
}
