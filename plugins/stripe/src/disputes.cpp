// disputes.get, .list, .accept, .submit_evidence: /v1/disputes. Accepting is closing at Stripe.
#include <algorithm>
#include <array>
#include <unigate/time.hpp>
#include <utility>
#include <vector>

#include "listing.hpp"
#include "operations.hpp"
#include "reading.hpp"

namespace stripe {

namespace {

using sdk::DisputeStatus;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::array kStatuses = {
    sdk::StatusName<DisputeStatus>{"needs_response", DisputeStatus::NeedsResponse},
    sdk::StatusName<DisputeStatus>{"warning_needs_response", DisputeStatus::NeedsResponse},
    sdk::StatusName<DisputeStatus>{"under_review", DisputeStatus::UnderReview},
    sdk::StatusName<DisputeStatus>{"warning_under_review", DisputeStatus::UnderReview},
    sdk::StatusName<DisputeStatus>{"won", DisputeStatus::Won},
    sdk::StatusName<DisputeStatus>{"warning_closed", DisputeStatus::Closed},
    sdk::StatusName<DisputeStatus>{"prevented", DisputeStatus::Closed},
    sdk::StatusName<DisputeStatus>{"lost", DisputeStatus::Lost},
};

// The files that a dispute's evidence takes, by Stripe's words.
constexpr std::array<std::string_view, 9> kDocuments = {"cancellation_policy",
                                                        "customer_communication",
                                                        "customer_signature",
                                                        "duplicate_charge_documentation",
                                                        "receipt",
                                                        "refund_policy",
                                                        "service_documentation",
                                                        "shipping_documentation",
                                                        "uncategorized_file"};

// Stripe's word for a document; empty if there is none.
std::string_view documentField(std::string_view type) {
  if (type == "shipping_proof") return "shipping_documentation";
  if (type == "other") return "uncategorized_file";
  const auto found = std::find(kDocuments.begin(), kDocuments.end(), type);
  return found == kDocuments.end() ? std::string_view() : *found;
}

sdk::Result<Fields> evidenceFields(const sdk::Evidence& in) {
  Fields fields;
  const auto add = [&fields](const char* name, const std::optional<std::string>& value) {
    if (value && !value->empty()) fields.emplace_back(name, *value);
  };
  add("customer_name", in.customerName);
  add("customer_email_address", in.customerEmail);
  add("product_description", in.productDescription);
  add("refund_policy_disclosure", in.refundPolicy);
  add("shipping_carrier", in.shippingCarrier);
  add("shipping_tracking_number", in.shippingTrackingNumber);
  if (in.serviceUnixS) add("service_date", unigate::timestamp::toIsoDate(*in.serviceUnixS));
  if (in.shippedUnixS) add("shipping_date", unigate::timestamp::toIsoDate(*in.shippedUnixS));
  add("uncategorized_text", in.summary);
  for (const sdk::EvidenceDocument& document : in.documents) {
    const std::string_view field = documentField(document.type);
    if (field.empty()) {
      return sdk::Error::invalidRequest("evidence.documents",
                                        "Stripe knows no document '" + document.type +
                                            "'; use e.g. receipt, customer_communication or other");
    }
    if (std::any_of(fields.begin(), fields.end(),
                    [&](const auto& other) { return other.first == field; })) {
      return sdk::Error::invalidRequest(
          "evidence.documents",
          "Stripe takes one document of a type; '" + document.type + "' comes twice");
    }
    fields.emplace_back(field, document.providerId);
  }
  return fields;
}

sdk::Result<sdk::Dispute> readDispute(const sdk::HttpResponse& response, const std::string& id) {
  return readOne(response, "dispute", disputeOf, id);
}

}  // namespace

sdk::Result<sdk::Dispute> disputeOf(json::View object) {
  sdk::Dispute dispute;
  if (auto problem = readCommon(object, "dispute", dispute)) return std::move(*problem);
  dispute.status = sdk::mapStatus(kStatuses, object["status"].stringOr(""));
  const auto currency = currencyOf(object["currency"]);
  if (!currency) return unusable("dispute", "currency");
  dispute.currency = *currency;
  const auto amount = amountOf(object["amount"], *currency);
  if (!amount) return unusable("dispute", "amount");
  dispute.amount = *amount;
  dispute.reason = std::string(object["reason"].stringOr(""));
  dispute.paymentProviderId = idOf(object["payment_intent"]);
  if (!dispute.paymentProviderId) dispute.paymentProviderId = idOf(object["charge"]);
  const json::View details = object["evidence_details"];
  dispute.evidenceDueUnixS = secondsOf(details["due_by"]);
  if (const auto count = details["submission_count"].int64()) {
    dispute.evidenceSubmitted = *count > 0;
  }
  return dispute;
}

sdk::Result<sdk::HttpRequest> buildDisputeGet(const sdk::ProviderRef& in) {
  auto path = objectPath("disputes", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "disputes.retrieve");
}

sdk::Result<sdk::Dispute> parseDisputeGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in) {
  return readDispute(response, in.providerId);
}

sdk::HttpRequest buildDisputesList(const sdk::ListQuery& in) {
  sdk::FormEncoder query = listQuery(in);
  query.add("payment_intent", in.paymentProviderId);
  return get("/v1/disputes", query.take(), "disputes.list");
}

sdk::Result<sdk::Page<sdk::Dispute>> parseDisputesList(const sdk::HttpResponse& response) {
  return readPage(response, disputeOf);
}

sdk::Result<sdk::HttpRequest> buildDisputeAccept(const sdk::DisputeAccept& in,
                                                 const sdk::Call& call) {
  auto path = objectPath("disputes", in.providerId, "provider_id", "/close");
  if (!path) return std::move(path).error();
  return post(std::move(*path), {}, call, "disputes.close");
}

sdk::Result<sdk::Dispute> parseDisputeAccept(const sdk::HttpResponse& response,
                                             const sdk::DisputeAccept& in) {
  return readDispute(response, in.providerId);
}

sdk::Result<sdk::HttpRequest> askDisputeAccept(const sdk::DisputeAccept& in) {
  return buildDisputeGet({in.providerId});
}

sdk::Result<sdk::Dispute> judgeDisputeAccept(const sdk::HttpResponse& response,
                                             const sdk::DisputeAccept& in) {
  sdk::Result<sdk::Dispute> dispute = readDispute(response, in.providerId);
  if (!dispute || dispute->status == DisputeStatus::Lost) return dispute;
  if (dispute->status == DisputeStatus::NeedsResponse) {
    return sdk::Error::neverHappened("the dispute was not closed");
  }
  if (dispute->status == DisputeStatus::Unknown) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "the dispute is in a state that is not known here");
  }
  return sdk::Error::declined(sdk::Category::InvalidState, "the dispute can't be accepted any more")
      .withResource(sdk::toJson(*dispute))
      .proven();
}

sdk::Result<sdk::HttpRequest> buildDisputeEvidence(const sdk::DisputeEvidence& in,
                                                   const sdk::Call& call) {
  auto path = objectPath("disputes", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  if (in.amount) {
    return sdk::Error::notSupported("amount", "at Stripe the whole dispute is contested");
  }
  auto fields = evidenceFields(in.evidence);
  if (!fields) return std::move(fields).error();
  sdk::FormEncoder form;
  for (const auto& [name, value] : *fields) form.addNested({"evidence", name}, value);
  form.add("submit", in.submit.value_or(true));
  sdk::HttpRequest request = post(std::move(*path), std::move(form), call, "disputes.update");
  for (const char* field : {"customer_name", "customer_email_address"}) {
    request.redact.push_back("evidence[" + std::string(field) + "]");
    request.redact.push_back("/evidence/" + std::string(field));
  }
  return request;
}

sdk::Result<sdk::Dispute> parseDisputeEvidence(const sdk::HttpResponse& response,
                                               const sdk::DisputeEvidence& in) {
  return readDispute(response, in.providerId);
}

sdk::Result<sdk::HttpRequest> askDisputeEvidence(const sdk::DisputeEvidence& in) {
  return buildDisputeGet({in.providerId});
}

// The dispute shows the evidence that it holds, and how often evidence was submitted.
sdk::Result<sdk::Dispute> judgeDisputeEvidence(const sdk::HttpResponse& response,
                                               const sdk::DisputeEvidence& in) {
  sdk::Result<sdk::Dispute> dispute = readDispute(response, in.providerId);
  if (!dispute) return dispute;
  const auto fields = evidenceFields(in.evidence);
  if (!fields) return fields.error();
  json::Document document;
  response.json(document);
  const bool holds = std::all_of(fields->begin(), fields->end(), [&](const auto& field) {
    return idOf(document["evidence"][field.first]) == field.second;
  });
  const bool submitted = dispute->evidenceSubmitted.value_or(false);
  if (holds && (submitted || !in.submit.value_or(true))) return dispute;
  return sdk::Error::neverHappened("the evidence is not at Stripe");
}

}  // namespace stripe
