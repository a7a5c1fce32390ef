// Whether a value can be a credential of a provider, by what its manifest says of the field. Used
// by detection, by the services' management and by the command line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "plugin_host/manifest.hpp"

namespace unigate::onboarding {

// Longer values would make the matching of patterns take deep stacks.
inline constexpr std::size_t kCredentialBytesMax = 4UL * 1024;

// "test" or "live" where the value carries the field's marker of one of them alone; else empty.
std::string environmentOf(const plugin_host::Credential& field, std::string_view value);

// True when the value matches the field's pattern; true as well where there is none.
bool fitsPattern(const plugin_host::Credential& field, std::string_view value);

// True when a value of this field is known by its form alone, whatever the variable is called: its
// pattern starts with fixed characters or the field has markers.
bool hasTellingForm(const plugin_host::Credential& field);

// What is wrong with the value in that environment ("test", "live", or empty: either), in words
// that start with the field's name and never repeat the value; empty when nothing is.
std::string credentialFault(const plugin_host::Credential& field, std::string_view value,
                            std::string_view environment);

// A value as it may be shown: its last four characters; short ones wholly masked.
std::string masked(std::string_view value);

}  // namespace unigate::onboarding
