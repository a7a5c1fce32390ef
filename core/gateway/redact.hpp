// What a provider's answer must not carry on: secrets and card numbers.
#pragma once

#include <string>
#include <string_view>

#include "gateway/account_directory.hpp"

namespace unigate::gateway {

// JSON text in, JSON text out; text that is no JSON becomes "null". Values of members whose name
// speaks of a secret are replaced by "[redacted]", card numbers are masked.
std::string redactRaw(std::string_view body);

// Providers tell an account's own credentials now and then. Where one of them stands in `text` as a
// word of its own (what is a part of a longer one is another's: an id, say), its last four
// characters stay. Those of less than 12 bytes are left, for they would be found by chance.
void maskCredentials(const OpenedSecrets& secrets, std::string& text);

}  // namespace unigate::gateway
