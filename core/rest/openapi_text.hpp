// The contract (openapi/*.yaml) as JSON, embedded at build time.
#pragma once

#include <string>

namespace unigate::rest {

std::string openApiJson();

}  // namespace unigate::rest
