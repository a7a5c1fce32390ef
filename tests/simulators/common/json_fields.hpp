// The check of a JSON request against what its operation takes. The provider puts what is found
// into its own words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/form.hpp"
#include "common/json_value.hpp"
#include "common/specification.hpp"

namespace simulators {

struct FieldFaults {
  enum class Kind : std::uint8_t {
    kMissing,
    kText,
    kInteger,
    kNumber,
    kBoolean,
    kObject,
    kList,
    kWord
  };
  struct Fault {
    std::string path;  // "notify.sms", "transfers.0.amount"
    Kind kind;
  };
  std::vector<std::string> unknown;
  std::vector<Fault> faults;
};

// Turns "12" into 12 where an integer is wanted, and 1, "1", "true" into true where a boolean is,
// since providers take these. With `lenient` off, text in place of a number or boolean is a fault.
FieldFaults checkJson(const std::vector<Field>& fields, Json& object, bool lenient = true);

// A decoded form or query as JSON: hashes with the keys 0, 1, 2... become lists, all values are
// text.
Json jsonOfForm(const FormNode& root);

}  // namespace simulators
