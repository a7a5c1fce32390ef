#include "gateway/documents.hpp"

#include <algorithm>

#include "base/card_guard.hpp"
#include "gateway/document_parts.hpp"
#include "gateway/kinds.hpp"

namespace unigate::gateway {

namespace {

using namespace parts;

std::string refundStatus(std::int64_t refunded, std::int64_t captured) {
  if (refunded <= 0) return "none";
  return refunded >= captured ? "full" : "partial";
}

store::ResourceRecord makePayment(json::View output, const DocumentContext& context) {
  store::ResourceRecord row = rowFor("payment", context);
  const ReadBack old(row.document);
  row.providerId = either(output["provider_id"], old["provider_id"]).stringOr("");
  row.status = either(output["status"], old["status"]).stringOr("processing");
  row.amount = either(output["amount"], old["amount"]).int64Or(row.amount);
  row.currency = either(output["currency"], old["currency"]).stringOr(row.currency);
  const json::View customer = either(context.client["customer"], old["customer"]);
  const json::View reference = either(context.client["reference"], old["reference"]);
  row.customer = customer.stringOr("");
  row.reference = reference.stringOr("");
  const std::int64_t captured =
      either(output["amount_captured"], old["amount_captured"]).int64Or(0);
  // A provider's answer may be older than a refund that we know of.
  const std::int64_t refunded =
      std::max(output["amount_refunded"].int64Or(0), old["amount_refunded"].int64Or(0));

  json::Writer out;
  head(out, "payment", row, context, true);
  out.member("connection",
             either(context.client["connection"], old["connection"]).stringOr("api_key"))
      .member("livemode", context.tenant.live());
  orNull(out, "account", either(context.client["account"], old["account"]));
  orNull(out, "platform_fee", either(context.client["platform_fee"], old["platform_fee"]));
  out.member("amount", row.amount)
      .member("currency", row.currency)
      .member("amount_captured", captured)
      .member("amount_refunded", refunded)
      .member("refund_status", refundStatus(refunded, captured))
      .member("status", row.status)
      .member("capture_method",
              either(output["capture_method"],
                     either(old["capture_method"], context.client["capture_method"]))
                  .stringOr("automatic"));
  orNull(out, "next_action", output["next_action"]);
  orNull(out, "client_secret", either(output["client_secret"], old["client_secret"]));
  orNull(out, "customer", customer);
  orNull(out, "payment_method", either(output["payment_method"], old["payment_method"]));
  orNull(out, "description",
         either(either(context.client["description"], output["description"]), old["description"]));
  orNull(out, "reference", reference);
  metadataMember(out, row, context.client, old["metadata"]);
  failureMember(out, output["failure"]);
  times(out, row);
  row.document = out.take();
  return row;
}

store::ResourceRecord makeRefund(json::View output, const DocumentContext& context) {
  store::ResourceRecord row = rowFor("refund", context);
  const ReadBack old(row.document);
  row.providerId = either(output["provider_id"], old["provider_id"]).stringOr("");
  row.status = either(output["status"], old["status"]).stringOr("processing");
  row.amount = either(output["amount"], old["amount"]).int64Or(row.amount);
  row.currency = either(output["currency"], old["currency"]).stringOr(row.currency);
  const json::View payment = either(context.client["payment"], old["payment"]);
  row.parentId = payment.stringOr("");

  json::Writer out;
  head(out, "refund", row, context, true);
  orNull(out, "payment", payment);
  out.member("livemode", context.tenant.live()).key("amount");
  // "All that is left" is no number before the provider has answered.
  if (row.amount > 0) {
    out.value(row.amount);
  } else {
    out.null();
  }
  out.member("currency", row.currency).member("status", row.status);
  orNull(out, "reason", either(either(context.client["reason"], output["reason"]), old["reason"]));
  out.key("failure");
  if (output["failure_reason"].isString()) {
    out.beginObject()
        .member("category", "provider_error")
        .member("provider_code", *output["failure_reason"].string())
        .key("message")
        .null()
        .endObject();
  } else {
    out.null();
  }
  metadataMember(out, row, context.client, old["metadata"]);
  times(out, row);
  row.document = out.take();
  return row;
}

store::ResourceRecord makeCustomer(json::View output, const DocumentContext& context) {
  store::ResourceRecord row = rowFor("customer", context);
  const ReadBack old(row.document);
  row.providerId = either(output["provider_id"], old["provider_id"]).stringOr("");
  const bool deleted = output["deleted"].booleanOr(false);
  row.status = deleted ? "deleted" : "active";
  json::Writer out;
  head(out, "customer", row, context, false);
  out.member("livemode", context.tenant.live());
  for (const char* name : {"email", "name", "phone", "description"}) {
    // What the client has just set counts, then what the provider says, then what was known; null
    // unsets.
    const json::View set = context.client[name];
    orNull(out, name, set.exists() ? set : (output[name].exists() ? output[name] : old[name]));
  }
  metadataMember(out, row, context.client, old["metadata"]);
  times(out, row);
  row.document = out.take();
  return row;
}

// The share of a refund that counts against its payment.
std::int64_t refundedBy(const store::ResourceRecord* refund) {
  if (refund == nullptr || refund->status == "failed" || refund->status == "canceled" ||
      refund->status == "processing") {
    return 0;
  }
  return refund->amount;
}

// The document with some members replaced (JSON text by name).
std::string replaceMembers(std::string_view document,
                           const std::vector<std::pair<std::string_view, std::string>>& changes) {
  const ReadBack old(document);
  json::Writer out;
  out.beginObject();
  for (const json::Member& member : old.document.root().members()) {
    const auto change = std::find_if(changes.begin(), changes.end(),
                                     [&](const auto& each) { return each.first == member.name; });
    out.key(member.name);
    if (change != changes.end()) {
      out.rawJson(change->second);
    } else {
      out.value(member.value);
    }
  }
  out.endObject();
  return out.take();
}

std::string quoted(std::string_view text) {
  json::Writer out;
  out.value(text);
  return out.take();
}

}  // namespace

std::string_view idPrefixOf(std::string_view kind) {
  const Kind* found = findKind(kind);
  return found == nullptr ? std::string_view() : found->idPrefix;
}

namespace {

store::ResourceRecord madeResource(std::string_view kind, json::View output,
                                   const DocumentContext& context) {
  if (kind == "refund") return makeRefund(output, context);
  if (kind == "customer") return makeCustomer(output, context);
  if (kind == "payment") return makePayment(output, context);
  return makeByKind(*findKind(kind), output, context);
}

}  // namespace

store::ResourceRecord makeResource(std::string_view kind, json::View output,
                                   const DocumentContext& context) {
  auto row = madeResource(kind, output, context);
  // A provider may tell of a card what nobody may keep.
  row.document = base::maskCardNumbersInJson(row.document);
  row.metadata = base::maskCardNumbersInJson(row.metadata);
  row.reference = base::maskCardNumbers(row.reference);
  return row;
}

store::ResourceRecord makeProcessing(std::string_view kind, std::int64_t amount,
                                     std::string_view currency, const DocumentContext& context) {
  if (context.before != nullptr) {
    auto row = withStatus(*context.before, "processing", context.nowMs, "null");
    // Whoever is told "processing" looks up the change that is under way, not what made the thing.
    row.document =
        replaceMembers(row.document, {{"transaction_id", quoted(context.transactionId)}});
    return row;
  }
  json::Writer output;
  output.beginObject().member("status", "processing");
  // Where no money moves there is none to show.
  if (!currency.empty()) output.member("amount", amount).member("currency", currency);
  output.endObject();
  const ReadBack asked(output.view());
  return makeResource(kind, asked.document.root(), context);
}

store::ResourceRecord withRefund(const store::ResourceRecord& payment,
                                 const store::ResourceRecord* refundBefore,
                                 const store::ResourceRecord& refundAfter, std::int64_t nowMs) {
  const ReadBack old(payment.document);
  const std::int64_t refunded =
      old["amount_refunded"].int64Or(0) - refundedBy(refundBefore) + refundedBy(&refundAfter);
  store::ResourceRecord row = payment;
  row.updatedAt = nowMs;
  row.document = replaceMembers(
      payment.document,
      {{"amount_refunded", std::to_string(refunded)},
       {"refund_status", quoted(refundStatus(refunded, old["amount_captured"].int64Or(0)))},
       {"updated_at", quoted(base::toRfc3339(nowMs))}});
  return row;
}

store::ResourceRecord withStatus(const store::ResourceRecord& row, std::string_view status,
                                 std::int64_t nowMs, std::string_view failureJson) {
  store::ResourceRecord changed = row;
  changed.status = std::string(status);
  changed.updatedAt = nowMs;
  changed.document = replaceMembers(row.document, {{"status", quoted(status)},
                                                   {"failure", std::string(failureJson)},
                                                   {"updated_at", quoted(base::toRfc3339(nowMs))}});
  return changed;
}

namespace {

constexpr int kEndRank = 2;

bool holds(const std::vector<std::string_view>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// How far a status is; equal ranks may follow one another in any order.
int rankOf(std::string_view kindName, std::string_view status) {
  const Kind* kind = findKind(kindName);
  if (kind == nullptr) return 0;
  if (holds(kind->ends, status)) return kEndRank;
  return holds(kind->late, status) ? 1 : 0;
}

}  // namespace

bool movesBack(std::string_view kind, std::string_view from, std::string_view to) {
  return rankOf(kind, to) < rankOf(kind, from);
}

bool isEnd(std::string_view kind, std::string_view status) {
  return rankOf(kind, status) == kEndRank;
}

std::string withRaw(std::string_view document, std::string_view raw) {
  std::string text(document.substr(0, document.rfind('}')));
  text += ",\"raw\":";
  text += raw.empty() ? std::string_view("null") : raw;
  text += "}";
  return text;
}

}  // namespace unigate::gateway
