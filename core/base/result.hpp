// How a layer says no: `Result<T>` holds a value or a `Problem`. Every seam between folders returns
// one; exceptions stay inside a layer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace unigate::base {

// An error as a client will read it (RFC 9457). `code` is stable and machine-readable; `detail`
// names the remedy. Carries no secret and no card number.
struct Problem {
  int status = 500;  // HTTP status
  std::string code = "internal_error";
  std::string detail;
  std::string param;  // the field at fault, e.g. "amount"
  bool retryable = false;
  std::int64_t retryAfterSeconds = 0;  // 0: none
  // Further members of the problem document, as name and JSON text, in order.
  std::vector<std::pair<std::string, std::string>> members;
};

template <typename T>
using Result = tl::expected<T, Problem>;

using Status = Result<void>;

// Builds the failing side of a Result.
inline tl::unexpected<Problem> fail(Problem problem) {
  return tl::unexpected<Problem>(std::move(problem));
}

inline tl::unexpected<Problem> fail(int status, std::string code, std::string detail,
                                    std::string param = {}) {
  return fail(Problem{status, std::move(code), std::move(detail), std::move(param), false, 0, {}});
}

}  // namespace unigate::base
