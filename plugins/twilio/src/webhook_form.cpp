#include "webhook_form.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace twilio {

namespace {

int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A percent sign that begins no escape stands for itself.
std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hexValue(text[i + 1]) >= 0 &&
                        hexValue(text[i + 2]) >= 0;
    if (escape) {
      out.push_back(static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

bool isPlain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void escapeInto(std::string& out, char c) {
  constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.push_back('%');
  out.push_back(kHex[byte >> 4]);
  out.push_back(kHex[byte & 15]);
}

// Escapes control characters, all beyond ASCII and `more`.
std::string escape(std::string_view text, std::string_view more) {
  std::string out;
  for (const char c : text) {
    const bool keep = c > 0x20 && c < 0x7F && more.find(c) == std::string_view::npos;
    if (keep) {
      out.push_back(c);
    } else {
      escapeInto(out, c);
    }
  }
  return out;
}

// UTF-8 sorted as UTF-16 would be, which is how Twilio and its SDKs compare text: the bytes agree
// but for U+E000 to U+FFFF, which come after the characters beyond them.
struct ByUtf16 {
  static unsigned rank(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0xEE || byte == 0xEF ? byte + 0x10u : byte;
  }
  bool operator()(std::string_view a, std::string_view b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](char x, char y) { return rank(x) < rank(y); });
  }
};

// The parts of a URL as a browser's parser would write them.
struct Url {
  std::string scheme;    // "https"
  std::string user;      // "user:password@" or empty
  std::string host;      // lower case
  std::string port;      // empty where it is the scheme's own
  std::string path;      // "/" at least
  std::string query;     // with '?', or empty
  std::string fragment;  // with '#', or empty
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool readAuthority(std::string_view authority, Url& url) {
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    std::string_view user = authority.substr(0, at);
    if (!user.empty() && user.back() == ':') user.remove_suffix(1);
    if (!user.empty()) url.user = std::string(user) + "@";
    authority.remove_prefix(at + 1);
  }
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  url.host = lower(authority.substr(0, colon));
  if (colon != std::string_view::npos) url.port = std::string(authority.substr(colon + 1));
  while (url.port.size() > 1 && url.port.front() == '0') url.port.erase(0, 1);
  if (url.port == (url.scheme == "https" ? "443" : "80")) url.port.clear();
  const bool digits =
      std::all_of(url.port.begin(), url.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  return !url.host.empty() && url.port.size() <= 5 && digits;
}

std::optional<Url> readUrl(std::string_view text) {
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  url.scheme = lower(text.substr(0, colon));
  if (url.scheme != "https" && url.scheme != "http") return std::nullopt;
  text.remove_prefix(colon + 3);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  if (!readAuthority(text.substr(0, end), url)) return std::nullopt;
  text.remove_prefix(end);
  const std::size_t hash = std::min(text.find('#'), text.size());
  url.fragment = escape(text.substr(hash), " \"<>`");
  text = text.substr(0, hash);
  const std::size_t mark = std::min(text.find('?'), text.size());
  url.query = escape(text.substr(mark), "\"<>'");
  url.path = escape(text.substr(0, mark), "\"<>^`{}");
  if (url.path.empty()) url.path = "/";
  if (url.query == "?") url.query.clear();
  return url;
}

// The query taken apart and written again with fewer escapes, a repeated name in one place.
std::string legacyQuery(std::string_view query) {
  if (query.empty()) return {};
  const Parameters parameters = readForm(query.substr(1));
  std::vector<std::string> order;
  std::map<std::string, std::string> written;
  const auto escaped = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (isPlain(c) || std::string_view("-_.!~*'()").find(c) != std::string_view::npos) {
        out.push_back(c);
      } else {
        escapeInto(out, c);
      }
    }
    return out;
  };
  for (const auto& [name, value] : parameters) {
    std::string& item = written[name];
    if (item.empty()) order.push_back(name);
    if (!item.empty()) item += '&';
    item += escaped(name) + "=" + escaped(value);
  }
  std::string out = "?";
  for (const std::string& name : order) {
    if (out.size() > 1) out += '&';
    out += written[name];
  }
  return out;
}

}  // namespace

Parameters readForm(std::string_view text) {
  Parameters parameters;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    if (item.empty()) continue;
    const std::size_t equals = std::min(item.find('='), item.size());
    parameters.emplace_back(decode(item.substr(0, equals)),
                            decode(item.substr(std::min(equals + 1, item.size()))));
  }
  return parameters;
}

std::optional<std::string> findParameter(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view queryOf(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const std::size_t mark = url.find('?');
  return mark == std::string_view::npos ? std::string_view() : url.substr(mark + 1);
}

std::vector<std::string> signedUrls(std::string_view text) {
  const std::optional<Url> url = readUrl(text);
  if (!url) return {};
  const std::string before = url->scheme + "://" + url->user + url->host;
  const std::string port = !url->port.empty() ? url->port : (url->scheme == "https" ? "443" : "80");
  std::vector<std::string> queries = {url->query};
  std::string legacy = legacyQuery(url->query);
  if (legacy != url->query) queries.push_back(std::move(legacy));
  std::vector<std::string> urls;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    // A query that was written again comes last, as in Twilio's SDK.
    const std::string after =
        i == 0 ? url->path + queries[i] + url->fragment : url->path + url->fragment + queries[i];
    urls.push_back(before + after);
    urls.push_back(before + ":" + port + after);
  }
  return urls;
}

std::string signedParameters(const Parameters& parameters) {
  std::map<std::string, std::set<std::string, ByUtf16>, ByUtf16> sorted;
  for (const auto& [name, value] : parameters) sorted[name].insert(value);
  std::string out;
  for (const auto& [name, values] : sorted) {
    for (const std::string& value : values) out.append(name).append(value);
  }
  return out;
}

}  // namespace twilio
