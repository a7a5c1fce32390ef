// Objects that are kept as the JSON that answers show. Members whose name begins with an underscore
// are the simulator's own and are never shown. For providers whose objects are many in kind and few
// in number.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "common/json_value.hpp"

namespace simulators {

// The objects of one kind, in the order of creation. References stay valid.
class Documents {
 public:
  Json& add(Json object) {
    objects_.push_back(std::move(object));
    auto& stored = objects_.back();
    places_[stored.at("id").get<std::string>()] = &stored;
    return stored;
  }
  Json* find(const std::string& id) {
    const auto place = places_.find(id);
    return place == places_.end() ? nullptr : place->second;
  }
  std::deque<Json>& all() { return objects_; }

 private:
  std::deque<Json> objects_;
  std::unordered_map<std::string, Json*> places_;
};

// The object without the simulator's own members.
inline Json shown(const Json& object) {
  if (!object.is_object()) return object;
  Json out = Json::object();
  for (const auto& [name, value] : object.items()) {
    if (!name.starts_with('_')) out[name] = value;
  }
  return out;
}

}  // namespace simulators
