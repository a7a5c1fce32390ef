// The refusals of the simulated PayPal.
#pragma once

#include <string>
#include <string_view>

#include "common/api_provider.hpp"

namespace simulators::paypal {

// The place of the debug id in an error body; it is filled in when the answer leaves.
inline constexpr std::string_view kDebugIdMark = "@debug_id@";

ApiAnswer errorAnswer(unsigned status, std::string_view name, std::string_view message,
                      std::string_view issue = {}, std::string_view description = {},
                      std::string_view field = {}, std::string_view value = {});

// 400: the request is not formed as it has to be.
ApiProblem invalidRequest(std::string_view issue, std::string_view description,
                          std::string_view field, std::string_view value = {});
ApiProblem missing(std::string_view field);
// 422: well formed, but it cannot be done.
ApiProblem unprocessable(std::string_view issue, std::string_view description,
                         std::string_view field = {}, std::string_view value = {});
// 404: no such object.
ApiProblem notFound();
ApiProblem unknownToken();
// What the header PayPal-Mock-Response or a magic amount asks for.
ApiProblem mocked(std::string_view issue);

}  // namespace simulators::paypal
