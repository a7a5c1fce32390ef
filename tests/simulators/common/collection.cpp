#include "common/collection.hpp"

namespace simulators {

Json& Collection::add(const std::string& id, Json object) {
  places_[id] = objects_.size();
  return objects_.emplace_back(std::move(object));
}

Json* Collection::find(const std::string& id) {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : &objects_[found->second];
}

bool Collection::erase(const std::string& id) {
  const auto found = places_.find(id);
  if (found == places_.end()) return false;
  objects_[found->second] = nullptr;
  places_.erase(found);
  return true;
}

std::vector<Json*> Collection::all() {
  std::vector<Json*> list;
  for (auto& object : objects_) {
    if (!object.is_null()) list.push_back(&object);
  }
  return list;
}

}  // namespace simulators
