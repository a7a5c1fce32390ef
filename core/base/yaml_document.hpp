// A YAML file as checked JSON that remembers its lines: the configuration and the plugin manifests.
// Every problem is one line that names file, line, key and remedy; nothing throws out of here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unigate/json.hpp>
#include <vector>

namespace unigate::base {

struct YamlProblem {
  std::string file;  // or the environment variable that set the value
  int line = 0;      // from 1; 0: the whole file, or no file
  std::string path;  // "store.url"; empty for the whole text
  std::string message;

  // `config/unigate.yaml:7: store.url: must be a string`
  std::string text() const;
};

class YamlDocument {
 public:
  using Problems = std::vector<YamlProblem>;

  // YAML 1.2 with the core schema's types: plain true, null, 12 and 1.5 are typed, quoted scalars
  // are strings. Refused, with the line: duplicate keys, more than 1 MiB, 32 levels or 50,000
  // nodes (after aliases), several documents, bad UTF-8, tabs. An empty text is an empty mapping.
  static tl::expected<YamlDocument, Problems> loadFile(const std::string& path);
  static tl::expected<YamlDocument, Problems> loadText(std::string_view text,
                                                       const std::string& nameForMessages);

  YamlDocument(YamlDocument&&) noexcept;
  YamlDocument& operator=(YamlDocument&&) noexcept;
  ~YamlDocument();

  const json::Document& json() const;
  // The same as JSON text.
  const std::string& jsonText() const;
  // Line of the value at an RFC 6901 pointer, or of the nearest value above it; 0 when it was set
  // by applyOverride.
  int lineOf(std::string_view jsonPointer) const;

  // Sets the value at `jsonPointer`, making the mappings on the way. `value` is typed as a plain
  // YAML scalar; one that starts with a quote, '[' or '{' is read as YAML. `source` is named in
  // messages, e.g. "UNIGATE__SERVER__LISTEN".
  std::optional<YamlProblem> applyOverride(std::string_view jsonPointer, std::string_view value,
                                           const std::string& source);
  // "/server/listen" of "UNIGATE__SERVER__LISTEN"; empty for any other name.
  static std::optional<std::string> overridePointer(std::string_view variableName);

  // All that breaks `jsonSchema` (JSON text, see json_schema.hpp), in the order of the lines.
  Problems check(std::string_view jsonSchema) const;

 private:
  struct Impl;
  explicit YamlDocument(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::base
