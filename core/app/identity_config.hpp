// The section `identity` of the configuration: who may register, and which issuers are trusted.
#pragma once

#include <string>
#include <vector>

#include "identity/issuers.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

struct IdentityConfig {
  std::string issuer = "unigate";  // names this installation in its access tokens
  bool registrationOpen = true;
  std::vector<identity::IssuerSettings> issuers;
};

// `fault` becomes what the schema can't say, with the setting's name; empty: all is well.
IdentityConfig readIdentity(json::View section, std::string& fault);

}  // namespace unigate::app
