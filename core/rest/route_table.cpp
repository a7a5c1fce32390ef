#include "rest/route_table.hpp"

#include "base/text.hpp"

namespace unigate::rest {

namespace {

constexpr std::string_view kRest = "{path}";

// Splits "/a/b" into its segments; false when the path does not start with a slash or has an empty
// segment.
bool split(std::string_view path, std::vector<std::string_view>& segments) {
  if (path.empty() || path.front() != '/') return false;
  if (path == "/") return true;
  std::size_t start = 1;
  for (;;) {
    const std::size_t slash = path.find('/', start);
    const std::string_view segment = path.substr(start, slash - start);
    if (segment.empty()) return false;
    segments.push_back(segment);
    if (slash == std::string_view::npos) return true;
    start = slash + 1;
  }
}

}  // namespace

std::size_t RouteTable::add(std::string_view method, std::string_view pattern) {
  std::vector<std::string_view> segments;
  split(pattern, segments);
  Entry entry{std::string(method), {}, !segments.empty() && segments.back() == kRest};
  if (entry.takesRest) segments.pop_back();
  for (const std::string_view segment : segments) {
    entry.segments.emplace_back(segment.front() == '{' ? std::string_view() : segment);
  }
  entries_.push_back(std::move(entry));
  return entries_.size() - 1;
}

std::optional<RouteMatch> RouteTable::match(std::string_view method, std::string_view path,
                                            RouteMiss& miss) const {
  std::vector<std::string_view> segments;
  segments.reserve(8);
  const bool whole = split(path, segments);
  for (std::size_t index = 0; index < entries_.size(); ++index) {
    const Entry& entry = entries_[index];
    const bool fits = entry.takesRest ? segments.size() > entry.segments.size()
                                      : whole && entry.segments.size() == segments.size();
    if (!fits) continue;
    bool same = true;
    for (std::size_t i = 0; i < entry.segments.size() && same; ++i) {
      same = entry.segments[i].empty() || entry.segments[i] == segments[i];
    }
    if (!same) continue;
    if (entry.method != method) {
      miss.allow += (miss.allow.empty() ? "" : ", ") + entry.method;
      continue;
    }
    RouteMatch found{index, {}};
    for (std::size_t i = 0; i < entry.segments.size(); ++i) {
      if (!entry.segments[i].empty()) continue;
      auto decoded = base::percentDecode(segments[i]);
      if (!decoded) return std::nullopt;
      found.parameters.push_back(std::move(*decoded));
    }
    if (entry.takesRest) {
      const char* rest = segments[entry.segments.size()].data();
      found.parameters.emplace_back(path.substr(static_cast<std::size_t>(rest - path.data())));
    }
    return found;
  }
  return std::nullopt;
}

}  // namespace unigate::rest
