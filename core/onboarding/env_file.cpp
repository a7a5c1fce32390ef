#include "onboarding/env_file.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "vault/secret_string.hpp"

namespace unigate::onboarding {

namespace {

// The grammar is one regular expression of the package, here read by hand so that no text makes it
// backtrack (spaces stand for the class \s of JavaScript, which line ends belong to):
//   ^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)
//   (\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$
// applied again and again behind the last match.

// Line ends of every kind become \n.
std::string withPlainLines(std::string_view text) {
  std::string lines;
  lines.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      lines += text[i];
      continue;
    }
    lines += '\n';
    if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return lines;
}

bool startsWith(std::string_view text, std::size_t at, std::string_view what) {
  return text.compare(at, what.size(), what) == 0;
}

// Bytes of the line terminator of JavaScript at `at`; 0 for none. (\r is gone by then.)
std::size_t lineEndAt(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  if (text[at] == '\n') return 1;
  return startsWith(text, at, "\xE2\x80\xA8") || startsWith(text, at, "\xE2\x80\xA9") ? 3 : 0;
}

bool endsLine(std::string_view text, std::size_t at) {
  return at == text.size() || lineEndAt(text, at) > 0;
}

// Bytes of the white space at `at`; 0 for none.
std::size_t spaceAt(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const char c = text[at];
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  if (static_cast<unsigned char>(c) < 0x80) return 0;
  if (startsWith(text, at, "\xC2\xA0")) return 2;
  for (const std::string_view wide :
       {"\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F",
        "\xE3\x80\x80", "\xEF\xBB\xBF"}) {
    if (startsWith(text, at, wide)) return 3;
  }
  // U+2000 to U+200A
  const bool general = startsWith(text, at, "\xE2\x80") && at + 2 < text.size();
  const auto last = general ? static_cast<unsigned char>(text[at + 2]) : 0U;
  return last >= 0x80 && last <= 0x8A ? 3 : 0;
}

std::size_t skipSpaces(std::string_view text, std::size_t at) {
  while (const std::size_t bytes = spaceAt(text, at)) at += bytes;
  return at;
}

// Where the line that `at` stands in ends.
std::size_t endOfLine(std::string_view text, std::size_t at) {
  while (!endsLine(text, at)) ++at;
  return at;
}

bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

constexpr std::string_view kQuotes = "'\"`";

bool isQuote(char c) {
  return kQuotes.find(c) != std::string_view::npos;
}

// The end of `\s*(?:#.*)?$` from `at` on, as far as it reaches; empty when it does not hold.
std::optional<std::size_t> tailFrom(std::string_view text, std::size_t at) {
  std::optional<std::size_t> lineEnd;
  std::size_t here = at;
  while (const std::size_t bytes = spaceAt(text, here)) {
    if (lineEndAt(text, here) > 0) lineEnd = here;
    here += bytes;
  }
  if (here == text.size()) return here;
  if (text[here] == '#') return endOfLine(text, here);
  return lineEnd;
}

// One variable as it stands in the text, before its value is unquoted.
struct Match {
  std::size_t nameAt = 0;
  std::string_view name;
  std::string_view raw;
  std::size_t end = 0;
};

struct Quoted {
  std::size_t valueEnd = 0;  // behind the closing quote
  std::size_t end = 0;       // behind the tail
};

// From the opening quote on. The first quote without a backslash closes, if nothing but a comment
// follows it; otherwise the last one with a backslash for which that holds.
std::optional<Quoted> quotedFrom(std::string_view text, std::size_t open) {
  const char quote = text[open];
  std::size_t close = open + 1;
  while (close < text.size() && (text[close] != quote || text[close - 1] == '\\')) ++close;
  const auto closesAt = [&](std::size_t at) -> std::optional<Quoted> {
    const auto tail = tailFrom(text, at + 1);
    if (!tail) return std::nullopt;
    return Quoted{at + 1, *tail};
  };
  if (close < text.size()) {
    if (const auto quoted = closesAt(close)) return quoted;
  }
  for (std::size_t at = std::min(close, text.size()) - 1; at > open; --at) {
    if (text[at] != quote) continue;
    if (const auto quoted = closesAt(at)) return quoted;
  }
  return std::nullopt;
}

// What stands behind the `=` or the `: ` at `at`; always something, if only nothing.
void readValue(std::string_view text, std::size_t at, Match& match) {
  const std::size_t open = skipSpaces(text, at);
  if (open < text.size() && isQuote(text[open])) {
    if (const auto quoted = quotedFrom(text, open)) {
      match.raw = text.substr(at, quoted->valueEnd - at);
      match.end = quoted->end;
      return;
    }
  }
  const std::size_t end = std::min(text.find_first_of("#\n", at), text.size());
  match.raw = text.substr(at, end - at);
  match.end = tailFrom(text, end).value_or(end);
}

// A name at `at` with its separator, and the value behind it.
std::optional<Match> assignmentAt(std::string_view text, std::size_t at) {
  std::size_t nameEnd = at;
  while (nameEnd < text.size() && isNameCharacter(text[nameEnd])) ++nameEnd;
  if (nameEnd == at) return std::nullopt;
  Match match;
  match.nameAt = at;
  match.name = text.substr(at, nameEnd - at);
  const std::size_t sign = skipSpaces(text, nameEnd);
  if (sign < text.size() && text[sign] == '=') {
    readValue(text, sign + 1, match);
    return match;
  }
  if (nameEnd < text.size() && text[nameEnd] == ':') {
    if (const std::size_t space = spaceAt(text, nameEnd + 1)) {
      readValue(text, nameEnd + 1 + space, match);
      return match;
    }
  }
  return std::nullopt;
}

std::optional<Match> matchAt(std::string_view text, std::size_t at) {
  constexpr std::string_view kExport = "export";
  if (startsWith(text, at, kExport)) {
    const std::size_t behind = skipSpaces(text, at + kExport.size());
    if (behind > at + kExport.size()) {
      if (auto match = assignmentAt(text, behind)) return match;
    }
  }
  return assignmentAt(text, at);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = skipSpaces(text, 0);
  std::size_t last = first;  // behind the last character that is no space
  for (std::size_t at = first; at < text.size();) {
    const std::size_t space = spaceAt(text, at);
    at += space > 0 ? space : 1;
    if (space == 0) last = at;
  }
  return text.substr(first, last - first);
}

// A quote at the start of a line goes, with the last one of its kind that ends a line.
std::string withoutQuotes(std::string_view value) {
  std::array<std::size_t, kQuotes.size()> lastClose{};  // of each kind; 0: none
  for (std::size_t at = 1; at < value.size(); ++at) {
    if (isQuote(value[at]) && endsLine(value, at + 1)) lastClose[kQuotes.find(value[at])] = at;
  }
  std::string plain;
  std::size_t done = 0;
  bool lineStart = true;
  for (std::size_t at = 0; at < value.size();) {
    if (lineStart && isQuote(value[at])) {
      const std::size_t close = lastClose[kQuotes.find(value[at])];
      if (close > at) {
        plain.append(value.substr(done, at - done));
        plain.append(value.substr(at + 1, close - at - 1));
        at = done = close + 1;
        lineStart = false;
        continue;
      }
    }
    const std::size_t end = lineEndAt(value, at);
    lineStart = end > 0;
    at += end > 0 ? end : 1;
  }
  plain.append(value.substr(done));
  return plain;
}

// Every `\` and `letter` becomes `with`.
void expand(std::string& text, char letter, char with) {
  std::size_t out = 0;
  for (std::size_t at = 0; at < text.size(); ++at, ++out) {
    const bool escape = text[at] == '\\' && at + 1 < text.size() && text[at + 1] == letter;
    text[out] = escape ? with : text[at];
    if (escape) ++at;
  }
  text.resize(out);
}

std::string valueOf(std::string_view raw) {
  const std::string_view value = trimmed(raw);
  std::string plain = withoutQuotes(value);
  if (!value.empty() && value.front() == '"') {
    expand(plain, 'n', '\n');
    expand(plain, 'r', '\r');
  }
  return plain;
}

base::Problem refused(std::string detail) {
  return {400, "invalid_env_file", std::move(detail), "env_content", false, 0, {}};
}

}  // namespace

EnvFile::~EnvFile() {
  for (EnvVariable& each : variables_) vault::wipe(each.value);
}

const EnvVariable* EnvFile::find(std::string_view name) const {
  const auto found = std::find_if(variables_.begin(), variables_.end(),
                                  [name](const EnvVariable& each) { return each.name == name; });
  return found == variables_.end() ? nullptr : &*found;
}

base::Result<EnvFile> EnvFile::parse(std::string_view text) {
  if (text.size() > kEnvBytesMax)
    return base::fail(refused("The file is larger than 128 KiB; send the part with the keys."));
  if (!base::isUtf8(text)) return base::fail(refused("The file is not UTF-8; save it as UTF-8."));
  std::string lines = withPlainLines(text);
  const std::string_view all(lines);
  EnvFile file;
  std::unordered_map<std::string_view, std::size_t> places;  // of names, in `all`
  std::optional<base::Problem> problem;
  std::size_t line = 1;
  std::size_t counted = 0;
  for (std::size_t at = 0; at < all.size() && !problem;) {
    const std::size_t start = skipSpaces(all, at);
    const auto match = matchAt(all, start);
    if (!match) {
      const std::size_t end = endOfLine(all, start);
      at = end + std::max<std::size_t>(lineEndAt(all, end), 1);
      continue;
    }
    line += static_cast<std::size_t>(
        std::count(all.begin() + static_cast<std::ptrdiff_t>(counted),
                   all.begin() + static_cast<std::ptrdiff_t>(match->nameAt), '\n'));
    counted = match->nameAt;
    at = match->end;
    // JavaScript's objects don't take a text for this one.
    if (match->name == "__proto__") continue;
    const std::string where = "Line " + std::to_string(line) + ": ";
    EnvVariable variable{std::string(match->name), valueOf(match->raw), line, false};
    if (variable.name.size() > kEnvNameBytesMax) {
      problem = refused(where + "the name of the variable is longer than 256 characters.");
    } else if (variable.value.size() > kEnvValueBytesMax) {
      problem = refused(where + "the value of " + variable.name + " is longer than 16 KiB.");
    } else if (const auto known = places.find(match->name); known != places.end()) {
      EnvVariable& before = file.variables_[known->second];
      vault::wipe(before.value);
      before = {std::move(variable.name), std::move(variable.value), line, true};
    } else if (file.variables_.size() == kEnvVariablesMax) {
      problem =
          refused(where + "the file has more than 1,000 variables; send the part with the keys.");
    } else {
      places.emplace(match->name, file.variables_.size());
      file.variables_.push_back(std::move(variable));
    }
    vault::wipe(variable.value);
  }
  places.clear();
  vault::wipe(lines);
  if (problem) return base::fail(std::move(*problem));
  return file;
}

}  // namespace unigate::onboarding
