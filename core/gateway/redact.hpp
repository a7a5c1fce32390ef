// What `?include=raw` may show of a provider's answer: everything but secrets and card numbers.
#pragma once

#include <string>
#include <string_view>

namespace unigate::gateway {

// JSON text in, JSON text out; text that is no JSON becomes "null". Values of members whose name
// speaks of a secret are replaced by "[redacted]", card numbers are masked.
std::string redactRaw(std::string_view body);

}  // namespace unigate::gateway
