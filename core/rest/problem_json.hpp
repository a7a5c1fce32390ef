// Turns a Problem into the RFC 9457 answer that every failing request gets.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/edge_server.hpp"

namespace unigate::rest {

// The detail without what is only the operator's to know: a database's own words name addresses,
// files and statements. Card numbers are masked.
std::string detailForClient(const base::Problem& problem);

// JSON body of the problem.
std::string problemBody(const base::Problem& problem, std::string_view requestId);

// Whole answer, with Retry-After where the problem names a pause and WWW-Authenticate on 401.
net::Response problemResponse(const base::Problem& problem, std::string_view requestId);

}  // namespace unigate::rest
