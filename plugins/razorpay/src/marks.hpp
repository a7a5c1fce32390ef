// Our operation's id in Razorpay's lists, for unigate::sdk::listed. Used by the table in
// plugin.cpp.
#pragma once

#include <unigate/listed.hpp>

#include "wire.hpp"

namespace razorpay {

inline std::vector<sdk::Mark> marksOf(json::View answer) {
  std::vector<sdk::Mark> marks;
  for (const json::View object : answer["items"].items()) {
    const std::string_view operation = noteOf(object, kOperationKey);
    if (!operation.empty()) {
      marks.push_back({std::string(object["id"].stringOr("")), std::string(operation)});
    }
  }
  return marks;
}

}  // namespace razorpay
