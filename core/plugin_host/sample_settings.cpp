#include "plugin_host/sample_settings.hpp"

#include <optional>
#include <regex>
#include <unigate/json.hpp>

namespace unigate::plugin_host {
namespace {

constexpr std::size_t kSampleCharsMax = 256;

// Reads a pattern from left to right and writes the first text that it allows.
class Sampler {
 public:
  explicit Sampler(std::string_view pattern) : rest_(pattern) {}

  std::optional<std::string> run() {
    auto text = alternatives(0);
    if (!rest_.empty() || !text || text->size() > kSampleCharsMax) return std::nullopt;
    return text;
  }

 private:
  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // The first of "a|b|c"; the others are read over.
  std::optional<std::string> alternatives(int depth) {
    if (depth > 16) return std::nullopt;
    auto first = sequence(depth);
    while (first && take('|')) {
      if (!sequence(depth)) return std::nullopt;
    }
    return first;
  }

  std::optional<std::string> sequence(int depth) {
    std::string text;
    while (!rest_.empty() && !at('|') && !at(')')) {
      if (take('^') || take('$')) continue;
      const auto atom = one(depth);
      const auto times = atom ? repetitions() : std::nullopt;
      if (!times || text.size() > kSampleCharsMax) return std::nullopt;
      for (std::size_t i = 0; i < *times; ++i) text += *atom;
    }
    return text;
  }

  std::optional<std::string> one(int depth) {
    if (take('(')) {
      if (take('?') && !take(':')) return std::nullopt;  // a look-around
      auto inner = alternatives(depth + 1);
      return take(')') ? inner : std::nullopt;
    }
    if (take('[')) return charClass();
    if (take('.')) return "x";
    if (take('\\')) return escaped();
    const std::string c(1, rest_.front());
    rest_.remove_prefix(1);
    return c;
  }

  std::optional<std::string> escaped() {
    if (rest_.empty()) return std::nullopt;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == 'd' || c == 'w') return "0";
    if (c == 's') return " ";
    if (c == 'b') return "";
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) return std::nullopt;
    return std::string(1, c);
  }

  // The first character of "[a-z]"; a negated class gives a letter that it does not name.
  std::optional<std::string> charClass() {
    const bool negated = take('^');
    std::string named;
    while (!rest_.empty() && !at(']')) {
      if (take('\\')) {
        const auto c = escaped();
        if (!c) return std::nullopt;
        named += *c;
        continue;
      }
      named.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    if (!take(']') || named.empty()) return std::nullopt;
    if (!negated) return named.substr(0, 1);
    for (const char c : std::string_view("xyz019")) {
      if (named.find(c) == std::string::npos) return std::string(1, c);
    }
    return std::nullopt;
  }

  std::optional<std::size_t> repetitions() {
    std::size_t times = 1;
    if (take('?') || take('*')) {
      times = 0;
    } else if (take('{')) {
      std::size_t low = 0;
      bool digits = false;
      for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
           rest_.remove_prefix(1)) {
        low = low * 10 + static_cast<std::size_t>(rest_.front() - '0');
        digits = true;
        if (low > kSampleCharsMax) return std::nullopt;
      }
      const std::size_t end = rest_.find('}');
      if (!digits || end == std::string_view::npos) return std::nullopt;
      rest_.remove_prefix(end + 1);
      times = low;
    } else {
      take('+');
    }
    take('?');  // a lazy quantifier allows the same texts
    return times;
  }

  std::string_view rest_;
};

}  // namespace

std::string sampleOf(std::string_view pattern) {
  if (pattern.empty()) return "sample";
  const auto text = Sampler(pattern).run();
  if (!text || text->empty()) return {};
  try {
    const std::regex compiled{std::string(pattern)};
    return std::regex_search(*text, compiled) ? *text : std::string();
  } catch (const std::regex_error&) {
    return {};
  }
}

tl::expected<std::string, std::string> sampleSettings(const Manifest& manifest,
                                                      std::string_view givenJson) {
  json::Document given;
  json::ReadError error;
  if (!givenJson.empty() && (!given.parse(givenJson, error) || !given.root().isObject())) {
    return tl::unexpected("the settings are no JSON object of strings" +
                          (error.message.empty() ? std::string() : ": " + error.message));
  }
  json::Writer out;
  out.beginObject();
  for (const json::Member& member : given.root().members()) {
    out.key(member.name).value(member.value);
  }
  for (const Credential& credential : manifest.credentials) {
    if (credential.secret || !credential.required || given[credential.name].exists()) continue;
    const std::string sample = sampleOf(credential.pattern);
    if (sample.empty()) {
      return tl::unexpected("no value of " + credential.name +
                            " can be made up from its pattern; give one in the settings");
    }
    out.member(credential.name, sample);
  }
  out.endObject();
  return out.take();
}

}  // namespace unigate::plugin_host
