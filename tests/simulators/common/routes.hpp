// The table of a provider's operations and the search in it. A pattern is a path whose "{}" stand
// for one segment each: "/v2/checkout/orders/{}/capture".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/form.hpp"

namespace simulators {

// The decoded segments where the pattern has "{}"; nothing if the path is another one.
inline bool matchPath(std::string_view pattern, std::string_view path,
                      std::vector<std::string>& segments) {
  segments.clear();
  while (!pattern.empty() || !path.empty()) {
    const auto wanted = pattern.substr(0, pattern.find('/', 1));
    const auto given = path.substr(0, path.find('/', 1));
    pattern.remove_prefix(wanted.size());
    path.remove_prefix(given.size());
    const auto mark = wanted.find("{}");
    if (mark == std::string_view::npos) {
      if (wanted != given) return false;
      continue;
    }
    const auto before = wanted.substr(0, mark);
    const auto after = wanted.substr(mark + 2);
    if (given.size() <= before.size() + after.size() || !given.starts_with(before) ||
        !given.ends_with(after)) {
      return false;
    }
    auto segment = std::string(given.substr(mark, given.size() - before.size() - after.size()));
    // In a path a plus is a plus: phone numbers have one.
    std::string escaped;
    for (const char c : segment) escaped += c == '+' ? "%2B" : std::string(1, c);
    segments.push_back(decodeUrl(escaped));
  }
  return true;
}

template <typename Handler>
struct Route {
  std::string_view method;
  std::string_view pattern;
  Handler handler;
};

template <typename Handler>
struct FoundRoute {
  const Route<Handler>* route = nullptr;  // null: no such operation
  bool pathKnown = false;                 // then: there is one of another method
  std::vector<std::string> segments;
};

template <typename Handler>
FoundRoute<Handler> findRoute(const std::vector<Route<Handler>>& routes, std::string_view method,
                              std::string_view path) {
  FoundRoute<Handler> found;
  for (const auto& route : routes) {
    std::vector<std::string> segments;
    if (!matchPath(route.pattern, path, segments)) continue;
    found.pathKnown = true;
    if (route.method != method) continue;
    found.route = &route;
    found.segments = std::move(segments);
    return found;
  }
  return found;
}

}  // namespace simulators
