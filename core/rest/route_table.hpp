// Matches method and path to a route. Patterns are literal segments and `{name}` for one segment;
// a last `{path}` stands for the rest of the path, as it came.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace unigate::rest {

// Where a request goes. `index` is that of add(); parameters are percent-decoded.
struct RouteMatch {
  std::size_t index = 0;
  std::vector<std::string> parameters;
};

struct RouteMiss {
  std::string allow;  // methods that this path knows, comma-separated; empty: no such path
};

class RouteTable {
 public:
  // Returns the index of the route, counted from 0.
  std::size_t add(std::string_view method, std::string_view pattern);
  std::optional<RouteMatch> match(std::string_view method, std::string_view path,
                                  RouteMiss& miss) const;

 private:
  struct Entry {
    std::string method;
    std::vector<std::string> segments;  // empty text: a parameter
    bool takesRest = false;
  };
  std::vector<Entry> entries_;
};

}  // namespace unigate::rest
