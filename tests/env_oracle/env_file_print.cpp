// Reads a line with a JSON array of texts from standard input and prints, as one JSON array, what
// each reads as: an object of names and values, or null where it is refused.
#include <iostream>
#include <string>
#include <unigate/json.hpp>

#include "onboarding/env_file.hpp"

int main() {
  std::string line;
  std::getline(std::cin, line);
  unigate::json::Document texts;
  unigate::json::ReadError error;
  if (!texts.parse(line, error, {.depthMax = 2, .bytesMax = 256UL * 1024 * 1024})) {
    std::cerr << "not a JSON array of texts: " << error.message << "\n";
    return 2;
  }
  unigate::json::Writer out;
  out.beginArray();
  for (const unigate::json::View text : texts.root().items()) {
    const auto file = unigate::onboarding::EnvFile::parse(text.stringOr(""));
    if (!file) {
      out.null();
      continue;
    }
    out.beginObject();
    for (const auto& each : file->variables()) out.member(each.name, each.value);
    out.endObject();
  }
  out.endArray();
  std::cout << out.view() << "\n";
  return 0;
}
