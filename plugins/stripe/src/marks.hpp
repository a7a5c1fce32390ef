// Our operation's id in Stripe's lists, for unigate::sdk::listed. Used by the table in plugin.cpp.
#pragma once

#include <unigate/listed.hpp>

#include "wire.hpp"

namespace stripe {

inline std::vector<sdk::Mark> marksOf(json::View answer) {
  std::vector<sdk::Mark> marks;
  for (const json::View object : answer["data"].items()) {
    const auto operation = object["metadata"][kOperationKey].string();
    if (operation)
      marks.push_back({std::string(object["id"].stringOr("")), std::string(*operation)});
  }
  return marks;
}

}  // namespace stripe
