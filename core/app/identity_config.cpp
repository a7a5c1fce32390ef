#include "app/identity_config.hpp"

namespace unigate::app {

namespace {

std::string textOf(json::View value) {
  return std::string(value.stringOr(""));
}

identity::IssuerSettings issuerOf(json::View from, std::string& fault) {
  identity::IssuerSettings issuer;
  issuer.issuer = textOf(from["issuer"]);
  issuer.audience = textOf(from["audience"]);
  issuer.jwksUrl = textOf(from["jwks_url"]);
  issuer.organisation = textOf(from["organisation"]);
  issuer.organisationClaim = textOf(from["organisation_claim"]);
  issuer.roleClaim = textOf(from["role_claim"]);
  for (const json::View each : from["algorithms"].items()) {
    // The schema knows their names.
    if (const auto algorithm = identity::jwsAlgorithmFromText(each.stringOr("")))
      issuer.algorithms.push_back(*algorithm);
  }
  for (const json::Member& each : from["organisations"].members())
    issuer.organisations.emplace(each.name, each.value.stringOr(""));
  issuer.role =
      identity::roleFromText(from["role"].stringOr("viewer")).value_or(identity::Role::viewer);
  for (const json::Member& each : from["roles"].members()) {
    if (const auto role = identity::roleFromText(each.value.stringOr("")))
      issuer.roles.emplace(each.name, *role);
  }
  if (fault.empty()) fault = identity::faultOf(issuer);
  return issuer;
}

}  // namespace

IdentityConfig readIdentity(json::View section, std::string& fault) {
  IdentityConfig config;
  if (const auto issuer = section["issuer"].string()) config.issuer = *issuer;
  config.registrationOpen = section["registration"].stringOr("open") == "open";
  const auto issuers = section["issuers"].items();
  for (std::size_t i = 0; i < issuers.size(); ++i) {
    std::string found;
    config.issuers.push_back(issuerOf(issuers[i], found));
    const std::string place = "identity.issuers." + std::to_string(i);
    const std::string& name = config.issuers.back().issuer;
    if (found.empty() && name == config.issuer)
      found = "issuer: this is the name in our own tokens (identity.issuer); give that another";
    for (std::size_t j = 0; j < i && found.empty(); ++j) {
      if (config.issuers[j].issuer == name) found = "issuer: " + name + " is named twice";
    }
    if (fault.empty() && !found.empty()) fault = place + "." + found;
  }
  return config;
}

}  // namespace unigate::app
