#include "reconcile/report.hpp"

#include <algorithm>
#include <unigate/json.hpp>

#include "base/clock.hpp"

namespace unigate::reconcile {

namespace {

void orNull(json::Writer& out, std::string_view name, std::string_view text) {
  out.key(name);
  if (text.empty()) {
    out.null();
  } else {
    out.value(text);
  }
}

void count(json::Writer& out, std::string_view name, std::size_t number) {
  out.key(name).value(static_cast<std::int64_t>(number));
}

// An amount of something that has a currency, else null.
void money(json::Writer& out, std::string_view name, std::int64_t amount,
           const std::string& currency) {
  out.key(name);
  if (currency.empty()) {
    out.null();
  } else {
    out.value(amount);
  }
}

template <typename Side>
void moneyOf(json::Writer& out, const Side& side) {
  money(out, "amount", side.amount, side.currency);
  orNull(out, "currency", side.currency);
  if (side.kind != Kind::payment) return;
  out.member("amount_captured", side.captured).member("amount_refunded", side.refunded);
}

std::string_view toText(Entry::Standing standing) {
  switch (standing) {
    case Entry::Standing::settled:
      return "succeeded";
    case Entry::Standing::refused:
      return "failed";
    case Entry::Standing::inFlight:
      return "in_flight";
    case Entry::Standing::escalated:
      break;
  }
  return "escalated";
}

void writeOurs(json::Writer& out, const Entry& entry) {
  out.beginObject();
  orNull(out, "resource", entry.resourceId);
  orNull(out, "transaction_id", entry.operationId);
  out.member("transaction_state", toText(entry.standing));
  orNull(out, "provider_id", entry.providerId);
  out.member("status", entry.status);
  moneyOf(out, entry);
  if (entry.kind == Kind::payment)
    out.member("captured_by_transactions", entry.capturedByOperations);
  if (entry.kind == Kind::refund) orNull(out, "payment", entry.parentId);
  out.endObject();
}

void writeTheirs(json::Writer& out, const Movement& movement) {
  out.beginObject().member("provider_id", movement.providerId);
  orNull(out, "reference", movement.operationId);
  out.member("status", movement.status);
  moneyOf(out, movement);
  if (movement.kind == Kind::refund) {
    orNull(out, "payment", movement.parentId);
    orNull(out, "payment_provider_id", movement.parentProviderId);
  }
  orNull(out, "created_at",
         movement.createdUnixS > 0 ? base::toRfc3339(movement.createdUnixS * 1000) : "");
  out.endObject();
}

void writeDifference(json::Writer& out, const Books& books, const Difference& difference) {
  const Entry* ours = difference.entry == kNone ? nullptr : &books.ours[difference.entry];
  const Movement* theirs =
      difference.movement == kNone ? nullptr : &books.theirs[difference.movement];
  out.beginObject()
      .member("kind", toText(difference.kind))
      .member("resource_kind", toText(ours != nullptr ? ours->kind : theirs->kind))
      .member("field", difference.field)
      .member("detail", difference.why);
  out.key("ours");
  if (ours != nullptr) {
    writeOurs(out, *ours);
  } else {
    out.null();
  }
  out.key("provider_side");
  if (theirs != nullptr) {
    writeTheirs(out, *theirs);
  } else {
    out.null();
  }
  out.endObject();
}

void writePending(json::Writer& out, const Entry& entry) {
  out.beginObject().member("resource_kind", toText(entry.kind));
  orNull(out, "resource", entry.resourceId);
  orNull(out, "transaction_id", entry.openOperationId);
  out.member("transaction_state", toText(entry.standing)).endObject();
}

void writeCoverage(json::Writer& out, const Coverage& coverage) {
  out.beginObject().member("resource_kind", toText(coverage.kind)).member("how", coverage.how);
  orNull(out, "detail", coverage.detail);
  count(out, "movements", coverage.movements);
  count(out, "pages", coverage.pages);
  out.endObject();
}

void writeTotal(json::Writer& out, const Total& total) {
  const auto side = [&](std::string_view name, std::int64_t number, std::int64_t amount) {
    out.key(name).beginObject().member("count", number).member("amount", amount).endObject();
  };
  out.beginObject().member("resource_kind", toText(total.kind)).member("currency", total.currency);
  side("ours", total.ourCount, total.ourAmount);
  side("provider_side", total.theirCount, total.theirAmount);
  out.endObject();
}

// An array of the first of `items`.
template <typename Items, typename Write>
void firstOf(json::Writer& out, std::string_view name, const Items& items, std::size_t most,
             Write write) {
  out.key(name).beginArray();
  for (std::size_t i = 0; i < std::min(items.size(), most); ++i) write(items[i]);
  out.endArray();
}

void writeCounts(json::Writer& out, const Report& report, const Findings& findings) {
  const auto counts = countsOf(findings);
  count(out, "difference_count", findings.differences.size());
  out.key("counts").beginObject();
  for (std::size_t i = 0; i < kDifferenceKinds; ++i)
    count(out, toText(static_cast<DifferenceKind>(i)), counts[i]);
  out.endObject();
  count(out, "checked_count", report.entries);
  count(out, "agreed_count", findings.agreed);
  count(out, "pending_count", findings.pending.size());
  count(out, "behind_count", findings.behind.size());
  count(out, "caught_up_count", report.caughtUp);
  count(out, "foreign_count", findings.foreign.size());
  count(out, "second_look_count", report.secondLooks);
}

}  // namespace

std::array<std::size_t, kDifferenceKinds> countsOf(const Findings& findings) {
  std::array<std::size_t, kDifferenceKinds> counts{};
  for (const Difference& each : findings.differences) ++counts[static_cast<std::size_t>(each.kind)];
  return counts;
}

std::string toDocument(const Report& report, const Books& books, const Findings& findings) {
  json::Writer out;
  out.beginObject()
      .member("object", "reconciliation")
      .member("id", report.id)
      .member("provider", report.provider)
      .member("livemode", report.live)
      .member("status", report.status)
      .member("origin", report.origin)
      .member("since", base::toRfc3339(report.sinceMs))
      .member("until", base::toRfc3339(report.untilMs))
      .member("created_at", base::toRfc3339(report.createdMs));
  orNull(out, "finished_at", report.finishedMs > 0 ? base::toRfc3339(report.finishedMs) : "");
  out.key("failure");
  if (report.failureCode.empty()) {
    out.null();
  } else {
    out.beginObject()
        .member("code", report.failureCode)
        .member("detail", report.failureDetail)
        .endObject();
  }
  writeCounts(out, report, findings);
  firstOf(out, "coverage", report.coverage, report.coverage.size(),
          [&](const Coverage& each) { writeCoverage(out, each); });
  firstOf(out, "totals", findings.totals, findings.totals.size(),
          [&](const Total& each) { writeTotal(out, each); });
  firstOf(out, "differences", findings.differences, limits::kDifferencesShownMax,
          [&](const Difference& each) { writeDifference(out, books, each); });
  firstOf(out, "pending", findings.pending, limits::kOthersShownMax,
          [&](std::size_t each) { writePending(out, books.ours[each]); });
  firstOf(out, "foreign", findings.foreign, limits::kOthersShownMax,
          [&](std::size_t each) { writeTheirs(out, books.theirs[each]); });
  out.endObject();
  return out.take();
}

}  // namespace unigate::reconcile
