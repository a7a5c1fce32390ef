// The objects of one kind that a provider keeps as JSON documents, in the order of their making.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/json_value.hpp"

namespace simulators {

// References stay valid until the object is erased.
class Collection {
 public:
  Json& add(const std::string& id, Json object);
  // Null if there is none.
  Json* find(const std::string& id);
  bool erase(const std::string& id);
  std::size_t size() const { return places_.size(); }
  // Oldest first.
  std::vector<Json*> all();

 private:
  std::deque<Json> objects_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace simulators
