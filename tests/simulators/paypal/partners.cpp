// Partner referrals: the onboarding of sellers.
#include "paypal/operations.hpp"

namespace simulators::paypal {
namespace {

ApiAnswer createReferral(Call& call) {
  const auto& wanted = dig(call.body, "operations");
  if (!wanted.is_array() || wanted.empty()) throw missing("/operations");
  for (const auto& operation : wanted) {
    if (digText(operation, "operation").empty()) throw missing("/operations/0/operation");
  }
  const auto& consents = dig(call.body, "legal_consents");
  if (!consents.is_array() || consents.empty()) throw missing("/legal_consents");
  for (const auto& consent : consents) {
    if (!flagOf(consent, "granted")) {
      throw invalidRequest("INVALID_PARAMETER_VALUE", "The consent has to be granted.",
                           "/legal_consents/0/granted");
    }
  }
  const auto id = call.world.mint("", 22) + "=";
  Json referral = Json::object();
  referral["partner_referral_id"] = id;
  referral["submitter_payer_id"] = call.account.merchantId;
  referral["submitter_client_id"] = call.account.id;
  referral["referral_data"] = call.body;
  const auto self = call.link("/v2/customer/partner-referrals/" + id);
  referral["links"] =
      Json::array({link(self, "self"),
                   link(call.link("/bizsignup/partner/entry?referralToken=" + id), "action_url")});
  const auto links = referral["links"];
  call.account.of("referrals").add(id, std::move(referral));
  return jsonAnswer(201, Json{{"links", links}});
}

ApiAnswer getReferral(Call& call) {
  return jsonAnswer(200, named(call, "referrals"));
}

}  // namespace

void addPartners(Routes& routes) {
  routes.insert(routes.end(), {{"POST", "/v2/customer/partner-referrals", createReferral},
                               {"GET", "/v2/customer/partner-referrals/{}", getReferral}});
}

}  // namespace simulators::paypal
