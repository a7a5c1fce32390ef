#include "paypal/patch.hpp"

#include <charconv>

#include "common/json_path.hpp"
#include "paypal/errors.hpp"

namespace simulators::paypal {
namespace {

std::vector<std::string> stepsOf(const std::string& path) {
  std::vector<std::string> steps;
  std::string step;
  bool quoted = false;
  for (std::size_t i = 1; i <= path.size(); ++i) {
    if (i == path.size() || (path[i] == '/' && !quoted)) {
      steps.push_back(std::move(step));
      step.clear();
      continue;
    }
    if (path[i] == '\'') quoted = !quoted;
    if (path[i] == '~' && i + 1 < path.size() && (path[i + 1] == '0' || path[i + 1] == '1')) {
      step.push_back(path[++i] == '0' ? '~' : '/');
    } else {
      step.push_back(path[i]);
    }
  }
  return steps;
}

ApiProblem badPath(const std::string& path) {
  return unprocessable("INVALID_JSON_POINTER_FORMAT",
                       "Path should be a valid JSON Pointer https://tools.ietf.org/html/rfc6901 "
                       "that references a location within the request where the operation is "
                       "performed.",
                       path);
}

// The element of an array that "@name=='value'" or a number means; null if there is none.
Json* element(Json& array, const std::string& step, const std::string& path) {
  if (step.starts_with('@')) {
    const auto equals = step.find("==");
    if (equals == std::string::npos || step.size() < equals + 4) throw badPath(path);
    const auto name = step.substr(1, equals - 1);
    const auto value = step.substr(equals + 3, step.size() - equals - 4);
    for (auto& item : array) {
      if (digText(item, name) == value) return &item;
    }
    throw unprocessable("REFERENCE_ID_NOT_FOUND",
                        "Filter expression value is incorrect. Please check the value of the "
                        "reference_id and try again.",
                        path);
  }
  std::size_t index = 0;
  const auto read = std::from_chars(step.data(), step.data() + step.size(), index);
  if (read.ec != std::errc() || read.ptr != step.data() + step.size()) throw badPath(path);
  return index < array.size() ? &array[index] : nullptr;
}

ApiProblem badOperation(const std::string& path) {
  return unprocessable("INVALID_PATCH_OPERATION",
                       "The operation cannot be honored. Cannot add a property that's already "
                       "present, use replace. Cannot remove a property thats not present, use add. "
                       "Cannot replace a property thats not present, use add.",
                       path);
}

void applyOne(Json& target, const Json& change) {
  const auto operation = digText(change, "op");
  const auto path = digText(change, "path");
  if (operation != "add" && operation != "replace" && operation != "remove") {
    throw invalidRequest("INVALID_PARAMETER_VALUE", "A parameter value is not valid.", "/op",
                         operation);
  }
  if (!path.starts_with('/') || path.size() < 2) throw badPath(path);
  if (operation != "remove" && !change.contains("value")) throw missing("/value");
  const auto steps = stepsOf(path);
  Json* parent = &target;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    Json* next = nullptr;
    if (parent->is_array()) {
      next = element(*parent, steps[i], path);
    } else if (parent->is_object() && parent->contains(steps[i])) {
      next = &(*parent)[steps[i]];
    } else if (parent->is_object() && operation != "remove") {
      next = &((*parent)[steps[i]] = Json::object());
    }
    if (!next) throw badOperation(path);
    parent = next;
  }
  const auto& last = steps.back();
  if (last.starts_with('_')) throw badPath(path);
  if (parent->is_array()) {
    if (operation == "add" && last == "-") return parent->push_back(change["value"]);
    auto* place = element(*parent, last, path);
    if (!place) throw badOperation(path);
    if (operation == "remove") {
      parent->erase(static_cast<std::size_t>(place - &(*parent)[0]));
    } else {
      *place = change["value"];
    }
    return;
  }
  if (!parent->is_object()) throw badOperation(path);
  if (operation == "remove") {
    if (parent->erase(last) == 0) throw badOperation(path);
  } else {
    (*parent)[last] = change["value"];
  }
}

}  // namespace

void applyPatch(Json& target, const Json& patch) {
  if (!patch.is_array()) throw missing("/");
  for (const auto& change : patch) applyOne(target, change);
}

}  // namespace simulators::paypal
