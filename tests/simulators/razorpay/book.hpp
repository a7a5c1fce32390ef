// What the simulated Razorpay keeps: for each account its objects, as the JSON that answers show.
// Members whose name begins with an underscore are the simulator's own and are never shown.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/json_value.hpp"

namespace simulators::razorpay {

// The objects of one kind, in the order of creation. References stay valid.
class Collection {
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

struct Book {
  std::string account;  // acc_...
  std::string keyLast4;
  bool livemode = false;
  std::map<std::string, Collection, std::less<>> kinds;
  std::int64_t bankBalance = 10'000'000'000;  // RazorpayX, in paise: one crore of rupees
  std::int64_t unsettled = 0;  // captured less fees and refunds since the last settlement
  bool settlementPlanned = false;

  Collection& operator[](std::string_view kind) {
    const auto found = kinds.find(kind);
    return found != kinds.end() ? found->second : kinds[std::string(kind)];
  }
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

}  // namespace simulators::razorpay
