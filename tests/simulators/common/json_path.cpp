#include "common/json_path.hpp"

#include <charconv>

namespace simulators {

const Json& dig(const Json& from, std::string_view path) {
  static const Json kNothing;
  const Json* place = &from;
  while (!path.empty()) {
    const auto dot = path.find('.');
    const std::string step(path.substr(0, dot));
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    if (place->is_object()) {
      const auto found = place->find(step);
      if (found == place->end()) return kNothing;
      place = &*found;
    } else if (place->is_array()) {
      std::size_t index = 0;
      const auto read = std::from_chars(step.data(), step.data() + step.size(), index);
      if (read.ec != std::errc() || index >= place->size()) return kNothing;
      place = &(*place)[index];
    } else {
      return kNothing;
    }
  }
  return *place;
}

std::string digText(const Json& from, std::string_view path) {
  const auto& found = dig(from, path);
  return found.is_string() ? found.get<std::string>() : std::string();
}

void take(Json& to, const Json& from, std::initializer_list<const char*> names) {
  if (!from.is_object()) return;
  for (const auto* name : names) {
    const auto found = from.find(name);
    if (found != from.end() && !found->is_null()) to[name] = *found;
  }
}

Json shown(const Json& object) {
  if (object.is_array()) {
    Json list = Json::array();
    for (const auto& item : object) list.push_back(shown(item));
    return list;
  }
  if (!object.is_object()) return object;
  Json out = Json::object();
  for (const auto& [name, value] : object.items()) {
    if (!name.starts_with('_')) out[name] = shown(value);
  }
  return out;
}

}  // namespace simulators
