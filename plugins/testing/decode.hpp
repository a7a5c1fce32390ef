// Decoding for comparisons: form bodies and queries as name and value, YAML as JSON, JSON by value.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unigate/json.hpp>

namespace unigate::testing {

// Names and values of `a[b]=c&d=e`, percent-decoded. A name that stands several times, or ends
// in `[]`, becomes `name[0]`, `name[1]`, ... in the order of coming.
std::map<std::string, std::string> decodeForm(std::string_view text);

// JSON text of a YAML file: plain scalars become numbers, booleans and null, quoted ones stay text.
// Throws on a file that is none.
std::string yamlFileToJson(const std::string& path);

// True if both are the same value; the order of members does not matter.
bool sameJson(json::View a, json::View b);

std::string readFile(const std::string& path);

}  // namespace unigate::testing
