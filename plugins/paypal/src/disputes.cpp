// disputes.get, .list, .accept and .submit_evidence: /v1/customer/disputes.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "listing.hpp"
#include "multipart.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

using sdk::DisputeStatus;

constexpr std::array kStatuses = {
    sdk::StatusName<DisputeStatus>{"OPEN", DisputeStatus::NeedsResponse},
    sdk::StatusName<DisputeStatus>{"WAITING_FOR_SELLER_RESPONSE", DisputeStatus::NeedsResponse},
    sdk::StatusName<DisputeStatus>{"WAITING_FOR_BUYER_RESPONSE", DisputeStatus::UnderReview},
    sdk::StatusName<DisputeStatus>{"UNDER_REVIEW", DisputeStatus::UnderReview},
    sdk::StatusName<DisputeStatus>{"RESOLVED", DisputeStatus::Closed},
};

constexpr std::array kOutcomes = {
    sdk::StatusName<DisputeStatus>{"RESOLVED_SELLER_FAVOUR", DisputeStatus::Won},
    sdk::StatusName<DisputeStatus>{"RESOLVED_SELLER_FAVOR", DisputeStatus::Won},
    sdk::StatusName<DisputeStatus>{"CANCELED_BY_BUYER", DisputeStatus::Won},
    sdk::StatusName<DisputeStatus>{"RESOLVED_BUYER_FAVOUR", DisputeStatus::Lost},
    sdk::StatusName<DisputeStatus>{"RESOLVED_BUYER_FAVOR", DisputeStatus::Lost},
};

sdk::HttpRequest postInput(std::string path, const std::string& inputJson, std::string label) {
  const std::string boundary = boundaryFor(inputJson);
  sdk::HttpRequest request =
      post(std::move(path), inputPart(inputJson, boundary), {}, std::move(label));
  for (sdk::Header& header : request.headers) {
    if (header.name == "Content-Type") header.value = "multipart/form-data; boundary=" + boundary;
  }
  return request;
}

sdk::Result<std::string> evidenceJson(const sdk::Evidence& evidence) {
  if (!evidence.documents.empty()) {
    return sdk::Error::notSupported("evidence.documents",
                                    "PayPal takes files with the evidence itself and knows none by "
                                    "an id: say it in summary, or "
                                    "upload them at PayPal");
  }
  std::string notes;
  const auto add = [&](const char* label, const std::optional<std::string>& text) {
    if (!text || text->empty()) return;
    if (!notes.empty()) notes += "\n";
    notes.append(label).append(*text);
  };
  add("", evidence.summary);
  add("Customer: ", evidence.customerName);
  add("Customer's e-mail: ", evidence.customerEmail);
  add("Product: ", evidence.productDescription);
  add("Refund policy: ", evidence.refundPolicy);
  if (evidence.serviceUnixS) {
    add("Service on: ", timestamp::toIsoDate(*evidence.serviceUnixS));
  }
  if (evidence.shippedUnixS) {
    add("Shipped on: ", timestamp::toIsoDate(*evidence.shippedUnixS));
  }
  if (auto bad = tooLong("evidence.summary", notes, 2000)) return std::move(*bad);
  const bool shipped = evidence.shippingCarrier && evidence.shippingTrackingNumber;
  if (notes.empty() && !shipped) {
    return sdk::Error::invalidRequest("evidence", "the evidence is empty: give at least a summary");
  }
  json::Writer out;
  out.beginObject().key("evidences").beginArray().beginObject();
  out.member("evidence_type", shipped ? "PROOF_OF_FULFILLMENT" : "OTHER");
  if (shipped) {
    out.key("evidence_info").beginObject().key("tracking_info").beginArray().beginObject();
    out.member("carrier_name", money::upper(*evidence.shippingCarrier));
    out.member("tracking_number", *evidence.shippingTrackingNumber);
    out.endObject().endArray().endObject();
  }
  if (!notes.empty()) out.member("notes", notes);
  out.endObject().endArray().endObject();
  return out.take();
}

sdk::Step readDispute(const sdk::HttpResponse& response, const sdk::Call& call,
                      std::string_view id) {
  return readOne<sdk::Dispute>(response, call, id, disputeOf);
}

}  // namespace

sdk::Result<sdk::Dispute> disputeOf(json::View object, bool live) {
  sdk::Dispute dispute;
  dispute.providerId = std::string(object["dispute_id"].stringOr(""));
  if (dispute.providerId.empty()) return sdk::Error::badResponse("PayPal's dispute has no id");
  const auto amount = moneyOf(object["dispute_amount"]);
  if (!amount || amount->amount < 0) {
    return sdk::Error::badResponse("PayPal's dispute has no usable amount");
  }
  dispute.amount = amount->amount;
  dispute.currency = amount->currency;
  dispute.reason = std::string(object["reason"].stringOr("OTHER"));
  dispute.status = sdk::mapStatus(kStatuses, object["status"].stringOr(""));
  if (dispute.status == DisputeStatus::Closed) {
    const auto outcome =
        sdk::mapStatus(kOutcomes, object["dispute_outcome"]["outcome_code"].stringOr(""));
    if (outcome != DisputeStatus::Unknown) dispute.status = outcome;
  }
  dispute.evidenceDueUnixS = timeOf(object["seller_response_due_date"]);
  if (object["evidences"].isArray()) dispute.evidenceSubmitted = object["evidences"].size() > 0;
  dispute.livemode = live;
  dispute.createdUnixS = timeOrZero(object["create_time"]);
  return dispute;
}

sdk::Result<sdk::HttpRequest> buildDisputeGet(const sdk::ProviderRef& in) {
  auto path = objectPath("/v1/customer/disputes", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "disputes.get");
}

sdk::Step parseDisputeGet(const sdk::HttpResponse& response, const sdk::ProviderRef& in,
                          const sdk::Call& call) {
  return readDispute(response, call, in.providerId);
}

namespace {

sdk::HttpRequest listDisputes(const DisputeListing& state) {
  const sdk::ListQuery& in = state.input;
  constexpr std::int64_t kPageSizeMax = 50;
  sdk::FormEncoder query;
  query.add("page_size", std::min(in.limit, kPageSizeMax));
  // PayPal takes one of both.
  if (!state.captureId.empty()) {
    query.add("disputed_transaction_id", state.captureId);
  } else if (in.createdGte) {
    query.add("start_time", timestamp::toRfc3339(*in.createdGte));
  }
  query.add("next_page_token", in.startingAfter);
  return get("/v1/customer/disputes", query.take(), "disputes.list");
}

// The value of a name in the query of an address.
std::string queryValue(std::string_view address, std::string_view name) {
  const std::size_t start = address.find('?');
  if (start == std::string_view::npos) return {};
  address.remove_prefix(start + 1);
  while (!address.empty()) {
    const std::string_view pair = address.substr(0, address.find('&'));
    address.remove_prefix(std::min(address.size(), pair.size() + 1));
    if (pair.substr(0, pair.find('=')) != name || pair.size() <= name.size()) continue;
    std::string value;
    const std::string_view text = pair.substr(name.size() + 1);
    for (std::size_t i = 0; i < text.size(); ++i) {
      unsigned byte = 0;
      const bool escaped =
          text[i] == '%' && i + 2 < text.size() &&
          std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr ==
              text.data() + i + 3;
      value.push_back(escaped ? static_cast<char>(byte) : text[i]);
      if (escaped) i += 2;
    }
    return value;
  }
  return {};
}

}  // namespace

sdk::Step startDisputesList(DisputeListing& state, const sdk::ListQuery& in) {
  state.input = in;
  if (!in.paymentProviderId) return listDisputes(state);
  state.readsOrder = true;
  auto request = getOrder(*in.paymentProviderId, "payment_provider_id");
  if (!request) return std::move(request).error();
  return std::move(*request);
}

sdk::Step nextDisputesList(DisputeListing& state, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  if (state.readsOrder) {
    state.readsOrder = false;
    const sdk::Result<Order> order = readOrder(response, call, *state.input.paymentProviderId);
    if (!order) return order.error();
    // What was not captured can't be disputed.
    if (order->captures.empty()) return sdk::done(sdk::Page<sdk::Dispute>{});
    if (order->captures.size() > 1) {
      return sdk::Error::notSupported(
          "payment_provider_id",
          "this payment was captured in parts, whose disputes PayPal lists one by one: leave "
          "payment_provider_id out");
    }
    state.captureId = order->captures.front().id;
    return listDisputes(state);
  }
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  const json::View items = document["items"];
  if (!items.isArray() && !document["links"].exists()) {
    return sdk::Error::badResponse("PayPal's answer is no list of disputes");
  }
  sdk::Page<sdk::Dispute> page;
  for (const json::View object : items.items()) {
    sdk::Result<sdk::Dispute> dispute = disputeOf(object, call.live);
    if (!dispute) return std::move(dispute).error();
    const bool inTime = dispute->createdUnixS >= state.input.createdGte.value_or(0) &&
                        (!state.input.createdLt || dispute->createdUnixS < *state.input.createdLt);
    if (inTime) page.data.push_back(std::move(*dispute));
  }
  if (const auto next = linkOf(document.root(), {"next"})) {
    const std::string token = queryValue(*next, "next_page_token");
    page.hasMore = !token.empty();
    if (page.hasMore) page.nextCursor = token;
  }
  return sdk::done(page);
}

sdk::Step startDisputeAccept(DisputeActing& state, const sdk::DisputeAccept& in) {
  state.providerId = in.providerId;
  auto path = objectPath("/v1/customer/disputes", in.providerId, "provider_id", "/accept-claim");
  if (!path) return std::move(path).error();
  if (auto bad = tooLong("reason", in.reason.value_or(""), 2000)) return std::move(*bad);
  json::Writer out;
  out.beginObject();
  out.member("note",
             in.reason && !in.reason->empty() ? *in.reason : std::string("The merchant accepts"));
  out.member("accept_claim_type", "REFUND").endObject();
  return postInput(std::move(*path), out.take(), "disputes.accept_claim");
}

sdk::Step startDisputeEvidence(DisputeActing& state, const sdk::DisputeEvidence& in) {
  state.providerId = in.providerId;
  if (in.submit == false) {
    return sdk::Error::notSupported("submit",
                                    "PayPal keeps no drafts of evidence: send submit true");
  }
  if (in.amount) {
    return sdk::Error::notSupported("amount",
                                    "at PayPal evidence contests the whole amount: leave amount "
                                    "out");
  }
  auto path =
      objectPath("/v1/customer/disputes", in.providerId, "provider_id", "/provide-evidence");
  if (!path) return std::move(path).error();
  const auto body = evidenceJson(in.evidence);
  if (!body) return body.error();
  return postInput(std::move(*path), *body, "disputes.provide_evidence");
}

// PayPal answers with links alone, so the dispute is read after the action.
sdk::Step nextDisputeAction(DisputeActing& state, const sdk::HttpResponse& response,
                            const sdk::Call& call) {
  if (state.acted) return readDispute(response, call, state.providerId);
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  state.acted = true;
  return buildDisputeGet({state.providerId});
}

sdk::Result<sdk::HttpRequest> askDisputeAccept(const sdk::DisputeAccept& in) {
  return buildDisputeGet({in.providerId});
}

sdk::Step judgeDisputeAccept(const sdk::HttpResponse& response, const sdk::DisputeAccept& in,
                             const sdk::Call& call) {
  const sdk::Result<sdk::Dispute> seen =
      readOne<sdk::Dispute>(response, call, in.providerId, disputeOf);
  if (!seen) return seen.error();
  if (seen->status == DisputeStatus::NeedsResponse) {
    return sdk::Error::neverHappened("the dispute still waits for an answer");
  }
  const bool closed = seen->status == DisputeStatus::Lost || seen->status == DisputeStatus::Closed;
  if (closed) return sdk::done(*seen);
  return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                             "the dispute's state does not tell whether it was accepted");
}

sdk::Result<sdk::HttpRequest> askDisputeEvidence(const sdk::DisputeEvidence& in) {
  return buildDisputeGet({in.providerId});
}

sdk::Step judgeDisputeEvidence(const sdk::HttpResponse& response, const sdk::DisputeEvidence& in,
                               const sdk::Call& call) {
  const sdk::Result<sdk::Dispute> seen =
      readOne<sdk::Dispute>(response, call, in.providerId, disputeOf);
  if (!seen) return seen.error();
  if (seen->status == DisputeStatus::UnderReview) return sdk::done(*seen);
  if (seen->status == DisputeStatus::NeedsResponse) {
    return sdk::Error::neverHappened("the dispute still waits for an answer");
  }
  return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                             "the dispute's state does not tell whether the evidence arrived");
}

}  // namespace paypal
