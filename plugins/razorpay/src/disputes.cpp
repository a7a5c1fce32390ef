// disputes.get, .list, .accept, .submit_evidence. A dispute names Razorpay's payment; the order
// that is our payment is asked for after it, and where that fails the payment's id stays.
#include <algorithm>
#include <array>
#include <utility>

#include "operations.hpp"
#include "status.hpp"

namespace razorpay {

namespace {

constexpr std::size_t kSummaryMax = 1000;

// Razorpay's own members for documents; all else goes under `others` with its type.
constexpr std::array<std::string_view, 10> kDocumentFields = {
    "shipping_proof",      "billing_proof",          "cancellation_proof",
    "proof_of_service",    "customer_communication", "explanation_letter",
    "refund_confirmation", "access_activity_log",    "refund_cancellation_policy",
    "term_and_conditions"};

bool isField(std::string_view type) {
  return std::find(kDocumentFields.begin(), kDocumentFields.end(), type) != kDocumentFields.end();
}

// Razorpay takes one text; what the client says in single fields becomes lines of it.
std::string summaryOf(const sdk::Evidence& evidence) {
  std::string text = evidence.summary.value_or("");
  const auto line = [&](std::string_view name, const std::optional<std::string>& value) {
    if (!value || value->empty()) return;
    if (!text.empty()) text += "\n";
    text.append(name).append(": ").append(*value);
  };
  const auto day = [](const std::optional<std::int64_t>& unixS) {
    return unixS ? std::optional<std::string>(unigate::timestamp::toIsoDate(*unixS)) : std::nullopt;
  };
  line("Customer", evidence.customerName);
  line("E-mail", evidence.customerEmail);
  line("Product", evidence.productDescription);
  line("Refund policy", evidence.refundPolicy);
  line("Service date", day(evidence.serviceUnixS));
  line("Carrier", evidence.shippingCarrier);
  line("Tracking number", evidence.shippingTrackingNumber);
  line("Shipped", day(evidence.shippedUnixS));
  return text;
}

void addDocuments(json::Writer& body, const std::vector<sdk::EvidenceDocument>& documents,
                  std::string_view type) {
  for (const sdk::EvidenceDocument& document : documents) {
    if (document.type == type) body.value(document.providerId);
  }
}

void addEvidence(json::Writer& body, const std::vector<sdk::EvidenceDocument>& documents) {
  for (const std::string_view field : kDocumentFields) {
    const bool any = std::any_of(documents.begin(), documents.end(),
                                 [&](const auto& document) { return document.type == field; });
    if (!any) continue;
    body.key(field).beginArray();
    addDocuments(body, documents, field);
    body.endArray();
  }
  std::vector<std::string_view> others;
  for (const sdk::EvidenceDocument& document : documents) {
    const bool seen = std::find(others.begin(), others.end(), document.type) != others.end();
    if (!isField(document.type) && !seen) others.push_back(document.type);
  }
  if (others.empty()) return;
  body.key("others").beginArray();
  for (const std::string_view type : others) {
    body.beginObject().member("type", type).key("document_ids").beginArray();
    addDocuments(body, documents, type);
    body.endArray().endObject();
  }
  body.endArray();
}

sdk::Result<std::string> path(std::string_view id, std::string_view tail = {}) {
  return objectPath("/v1/disputes/", id, "provider_id", tail);
}

sdk::Result<sdk::HttpRequest> ask(const std::string& id, const sdk::Call& call) {
  auto where = path(id);
  if (!where) return std::move(where).error();
  return get(std::move(*where), {}, call, "disputes.fetch");
}

}  // namespace

sdk::Result<sdk::Dispute> disputeOf(json::View object, const Context& context) {
  sdk::Dispute dispute;
  if (auto problem = readCommon(object, "dispute", context, dispute)) return std::move(*problem);
  if (auto problem = readMoney(object, "dispute", dispute)) return std::move(*problem);
  const auto word = object["status"].string();
  if (!word) return unusable("dispute", "status");
  dispute.status = sdk::mapStatus(kDisputeWords, *word);
  dispute.paymentProviderId = textOf(object["payment_id"]);
  dispute.reason = std::string(object["reason_code"].stringOr(""));
  dispute.evidenceDueUnixS = secondsOf(object["respond_by"]);
  if (object["evidence"].isObject()) {
    dispute.evidenceSubmitted = secondsOf(object["evidence"]["submitted_at"]).has_value();
  }
  return dispute;
}

// The second answer of all operations on one dispute: its payment's order.
sdk::Step nextDispute(DisputeState& state, const sdk::HttpResponse& response,
                      const sdk::Call& call) {
  if (state.dispute) {
    json::Document payment;
    if (auto problem = readAnswer(response, "payment", payment)) return std::move(*problem);
    if (payment["id"].stringOr("") != *state.dispute->paymentProviderId) {
      return sdk::Error::badResponse("Razorpay answered with another payment");
    }
    if (auto order = textOf(payment["order_id"])) state.dispute->paymentProviderId = order;
    return sdk::done(*state.dispute);
  }
  auto dispute = readOne<sdk::Dispute>(response, call, disputeOf, state.providerId);
  if (!dispute) return dispute;
  if (state.judge != nullptr) {
    if (auto refusal = state.judge(*dispute)) return std::move(*refusal);
  }
  const auto& payment = dispute->paymentProviderId;
  if (!payment || !isRazorpayId(*payment) || state.writes) return dispute;
  state.dispute = *dispute;
  return askPayment(*payment, "provider_id", call);
}

sdk::Step startDisputeGet(DisputeState& state, const sdk::ProviderRef& in, const sdk::Call& call) {
  state.providerId = in.providerId;
  return ask(in.providerId, call);
}

sdk::Result<sdk::HttpRequest> buildDisputesList(const sdk::ListQuery& in, const sdk::Call& call) {
  auto query = listQuery(in, false);
  if (!query) return std::move(query).error();
  return get("/v1/disputes", query->take(), call, "disputes.all");
}

sdk::Result<sdk::Page<sdk::Dispute>> parseDisputesList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call) {
  return readPage<sdk::Dispute>(
      response, in, [&](json::View object) { return disputeOf(object, contextOf(call)); },
      inRange<sdk::Dispute>(in));
}

namespace {

// Razorpay can't filter its disputes by payment; those of an order need its payments first.
sdk::Step askDisputes(const DisputesListState& state, const sdk::Call& call) {
  return buildDisputesList(state.query, call);
}

}  // namespace

sdk::Step startDisputesList(DisputesListState& state, const sdk::ListQuery& in,
                            const sdk::Call& call) {
  state.query = in;
  if (!skipOf(in.startingAfter)) return badCursor();
  const std::string_view payment =
      in.paymentProviderId ? std::string_view(*in.paymentProviderId) : std::string_view();
  if (!payment.empty() && !isRazorpayId(payment)) {
    return sdk::Error::invalidRequest("payment_provider_id",
                                      "'payment_provider_id' is no id of Razorpay");
  }
  if (payment.empty() || payment.starts_with("pay_")) {
    if (!payment.empty()) state.payments.emplace_back(payment);
    state.paymentsKnown = true;
    return askDisputes(state, call);
  }
  return askPaymentsOf(std::string(payment), call);
}

sdk::Step nextDisputesList(DisputesListState& state, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  if (!state.paymentsKnown) {
    json::Document document;
    std::vector<json::View> payments;
    if (auto problem = readPayments(response, document, payments)) return std::move(*problem);
    for (const json::View payment : payments) {
      state.payments.emplace_back(payment["id"].stringOr(""));
    }
    state.paymentsKnown = true;
    return askDisputes(state, call);
  }
  auto page = parseDisputesList(response, state.query, call);
  if (!page || !state.query.paymentProviderId) return page;
  const auto foreign = [&](const sdk::Dispute& dispute) {
    return std::find(state.payments.begin(), state.payments.end(),
                     dispute.paymentProviderId.value_or("")) == state.payments.end();
  };
  page->data.erase(std::remove_if(page->data.begin(), page->data.end(), foreign), page->data.end());
  for (sdk::Dispute& dispute : page->data) {
    dispute.paymentProviderId = state.query.paymentProviderId;
  }
  return page;
}

sdk::Step startDisputeAccept(DisputeState& state, const sdk::DisputeAccept& in,
                             const sdk::Call& call) {
  state.providerId = in.providerId;
  auto where = path(in.providerId, "/accept");
  if (!where) return std::move(where).error();
  state.writes = true;
  return post(std::move(*where), {}, call, "disputes.accept");
}

sdk::Step startAcceptQuery(DisputeState& state, const sdk::DisputeAccept& in,
                           const sdk::Call& call) {
  state.providerId = in.providerId;
  state.judge = [](const sdk::Dispute& dispute) -> std::optional<sdk::Error> {
    if (dispute.status != sdk::DisputeStatus::NeedsResponse) return std::nullopt;
    return sdk::Error::neverHappened("the dispute was not accepted");
  };
  return ask(in.providerId, call);
}

sdk::Step startDisputeEvidence(DisputeState& state, const sdk::DisputeEvidence& in,
                               const sdk::Call& call) {
  state.providerId = in.providerId;
  auto where = path(in.providerId, "/contest");
  if (!where) return std::move(where).error();
  const std::string summary = summaryOf(in.evidence);
  if (summary.size() > kSummaryMax) {
    return sdk::Error::invalidRequest("evidence",
                                      "Razorpay takes at most 1000 characters of text in all");
  }
  json::Writer body;
  body.beginObject();
  if (in.amount) {
    const auto amount = toRazorpay(*in.amount, in.currency.value_or("INR"));
    if (!amount) return amount.error();
    body.member("amount", *amount);
  }
  if (!summary.empty()) body.member("summary", summary);
  addEvidence(body, in.evidence.documents);
  body.member("action", in.submit.value_or(true) ? "submit" : "draft").endObject();
  state.writes = true;
  return send(sdk::Method::Patch, std::move(*where), body.take(), call, "disputes.contest");
}

sdk::Step startEvidenceQuery(DisputeState& state, const sdk::DisputeEvidence& in,
                             const sdk::Call& call) {
  state.providerId = in.providerId;
  // A draft replaces a draft: sending it again changes nothing more.
  state.judge = [](const sdk::Dispute& dispute) -> std::optional<sdk::Error> {
    const bool open = dispute.status == sdk::DisputeStatus::NeedsResponse;
    if (!open || dispute.evidenceSubmitted.value_or(false)) return std::nullopt;
    return sdk::Error::neverHappened("the evidence was not submitted");
  };
  return ask(in.providerId, call);
}

}  // namespace razorpay
