// The reader of .env files must not crash on anything nor take long, and what it reads must stay
// within its limits and be found again by its name.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "onboarding/env_file.hpp"

namespace {

void require(bool holds, const char* promise, std::string_view text) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n%.*s\n", promise, static_cast<int>(text.size()),
               text.data());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using unigate::onboarding::EnvFile;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = EnvFile::parse(text);
  if (!file) {
    require(file.error().status == 400 && !file.error().detail.empty(), "a refusal has a reason",
            text);
    return 0;
  }
  std::set<std::string> names;
  for (const auto& each : file->variables()) {
    require(!each.name.empty() && names.insert(each.name).second, "names are unique", text);
    require(file->find(each.name) == &each, "names are found", text);
    require(each.value.size() <= unigate::onboarding::kEnvValueBytesMax, "values are bounded",
            text);
    require(unigate::base::isUtf8(each.value), "values are UTF-8", text);
    require(each.line >= 1, "lines count from 1", text);
  }
  require(file->variables().size() <= unigate::onboarding::kEnvVariablesMax, "a bounded number",
          text);
  return 0;
}
