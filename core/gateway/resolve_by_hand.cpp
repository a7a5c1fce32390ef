#include "gateway/resolve_by_hand.hpp"

#include <algorithm>
#include <optional>
#include <unigate/json.hpp>
#include <utility>

#include "base/text.hpp"
#include "gateway/documents.hpp"
#include "gateway/kinds.hpp"
#include "gateway/run_parts.hpp"

namespace unigate::gateway {

namespace {

constexpr std::size_t kReasonBytesMax = 500;
constexpr std::size_t kProviderIdCharsMax = 255;
constexpr std::string_view kFailure =
    R"({"category":"not_executed","provider_code":"","message":"Marked as failed by a person."})";

base::Problem bad(int status, const char* code, std::string detail, const char* field) {
  return {status, code, std::move(detail), field, false, 0, {}};
}

bool isVisible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

base::Status checkWords(const store::OperationRecord& row, const HandDecision& decision) {
  if (row.state != store::OperationState::escalated) {
    const std::string state(store::toText(row.state));
    return base::fail(bad(
        409, "not_escalated",
        "Transaction " + row.id + " is " + state + "; only an escalated one is decided by hand." +
            (store::isTerminal(row.state) ? " A final state never changes."
                                          : " The gateway is still finding out; wait for it."),
        "id"));
  }
  const bool text = base::isUtf8(decision.reason) &&
                    std::none_of(decision.reason.begin(), decision.reason.end(), [](char c) {
                      return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
                    });
  if (decision.reason.find_first_not_of(' ') == std::string::npos || !text ||
      decision.reason.size() > kReasonBytesMax) {
    return base::fail(bad(400, "invalid_request",
                          "reason must say in 1 to 500 bytes of plain text how it was found out.",
                          "reason"));
  }
  const std::string& id = decision.providerId;
  if (!id.empty() && decision.as != HandDecision::As::succeeded) {
    return base::fail(bad(400, "invalid_request",
                          "provider_id goes with succeeded alone; leave it out.", "provider_id"));
  }
  if (!isVisible(id) || id.size() > kProviderIdCharsMax) {
    return base::fail(bad(400, "invalid_request",
                          "provider_id must be 1 to 255 visible ASCII characters, as the provider "
                          "shows it.",
                          "provider_id"));
  }
  return {};
}

// One decision about one row: the parts of its transition.
class Decider {
 public:
  Decider(const ByHand& services, const store::OperationRecord& row, const HandDecision& decision)
      : services_(services), row_(row), decision_(decision), nowMs_(services.clock.unixMs()) {}

  base::Result<store::TransitionRecord> make() {
    if (decision_.as == HandDecision::As::askAgain) return askAgain();
    json::ReadError error;
    if (!input_.parse(row_.input, error))
      return base::fail(500, "internal_error", "The operation's stored input can't be read.");
    if (!row_.resourceId.empty() && findKind(row_.resourceKind) != nullptr) {
      auto found = services_.reader.resourceById(row_.orgId, row_.environment, row_.resourceKind,
                                                 row_.resourceId);
      if (!found) return base::fail(found.error());
      before_ = std::move(*found);
    }
    const bool succeeded = decision_.as == HandDecision::As::succeeded;
    auto after = succeeded ? afterSuccess() : afterFailure();
    if (!after) return base::fail(after.error());
    store::TransitionRecord record =
        start(succeeded ? store::OperationState::succeeded : store::OperationState::failed,
              succeeded ? "resolved by hand as succeeded: " : "resolved by hand as failed: ");
    if (auto status = addRows(record, *after); !status) return base::fail(status.error());
    record.final = finalOf(succeeded, *after);
    return record;
  }

 private:
  store::TransitionRecord start(store::OperationState to, const char* what) const {
    store::TransitionRecord record;
    record.toState = to;
    record.newFence = row_.fence + 1;
    record.attempt = row_.attempt;
    record.epoch = row_.epoch;  // nothing was asked, so a restored operation stays one
    record.reason = what + decision_.reason;
    record.actor = decision_.actor;
    return record;
  }

  base::Result<store::TransitionRecord> askAgain() const {
    if (row_.recoveryMode == "none" || row_.resourceId.empty()) {
      return base::fail(
          bad(422, "cannot_ask",
              "The gateway has no way to ask the provider about this operation. Look there and "
              "resolve it as succeeded or failed.",
              "id"));
    }
    store::TransitionRecord record = start(store::OperationState::unknown, "asked by hand: ");
    record.nextResolveAt = nowMs_;
    return record;
  }

  DocumentContext context() {
    DocumentContext made;
    made.tenant = {row_.orgId, row_.environment};
    made.resourceId = row_.resourceId;
    made.transactionId = row_.id;
    made.provider = row_.provider;
    made.accountId = row_.accountId;
    made.nowMs = nowMs_;
    made.client = input_["client"];
    made.before = before_ ? &*before_ : nullptr;
    made.ourId = [this](std::string_view kind, std::string_view providerId) -> std::string {
      auto row = services_.reader.resourceByProviderId(
          row_.orgId, row_.environment, std::string(kind), row_.provider, std::string(providerId));
      return row && row->has_value() ? (*row)->id : std::string();
    };
    return made;
  }

  // The provider's id of the resource: what is known, or what the person names.
  base::Result<std::string> providerId() const {
    const std::string known = before_ ? before_->providerId : std::string();
    const std::string& named = decision_.providerId;
    if (known.empty() && named.empty()) {
      return base::fail(bad(422, "provider_id_needed",
                            "Name what " + row_.provider + " calls this " + row_.resourceKind +
                                ", so that it can be read there.",
                            "provider_id"));
    }
    if (!known.empty() && !named.empty() && known != named) {
      return base::fail(bad(422, "provider_id_differs",
                            "This " + row_.resourceKind + " is " + known + " at " + row_.provider +
                                "; leave provider_id out.",
                            "provider_id"));
    }
    if (!known.empty()) return known;
    auto owner = services_.reader.resourceByProviderId(row_.orgId, row_.environment,
                                                       row_.resourceKind, row_.provider, named);
    if (!owner) return base::fail(owner.error());
    if (owner->has_value() && (*owner)->id != row_.resourceId) {
      return base::fail(bad(422, "provider_id_taken",
                            named + " is " + (*owner)->id + " already; another operation made it.",
                            "provider_id"));
    }
    return named;
  }

  // What the provider has is read with the next GET: until then a resource that can move is
  // "processing", under an id that it can be asked for by.
  base::Result<std::optional<store::ResourceRecord>> afterSuccess() {
    const Kind* kind = findKind(row_.resourceKind);
    if (row_.resourceId.empty() || kind == nullptr) {
      if (decision_.providerId.empty()) return std::optional<store::ResourceRecord>();
      return base::fail(bad(422, "invalid_request",
                            "This operation has no resource that a provider_id could belong to; "
                            "leave it out.",
                            "provider_id"));
    }
    const auto id = providerId();
    if (!id) return base::fail(id.error());
    const bool gone = deletes(row_.operation);
    if (before_ && isEnd(kind->name, before_->status)) return std::optional(*before_);
    if (before_ && gone && kind->name != "customer")
      return std::optional(withStatus(*before_, "deleted", nowMs_, "null"));
    if (before_ && kind->movesByItself && before_->providerId == *id)
      return std::optional(withStatus(*before_, "processing", nowMs_, "null"));
    json::Writer out;
    out.beginObject().member("provider_id", *id);
    if (gone) out.member("deleted", true);
    if (kind->movesByItself) out.member("status", "processing");
    if (!before_ && !row_.currency.empty())
      out.member("amount", row_.amount).member("currency", row_.currency);
    out.endObject();
    json::Document output;
    json::ReadError error;
    const std::string text = out.take();
    if (!output.parse(text, error))
      return base::fail(500, "internal_error", "The resource could not be made.");
    return std::optional(makeResource(kind->name, output.root(), context()));
  }

  // As an operation leaves it that was found to have failed.
  base::Result<std::optional<store::ResourceRecord>> afterFailure() const {
    if (!before_ || before_->status != "processing")
      return std::optional<store::ResourceRecord>(before_);
    const std::string_view earlier = input_["status_before"].stringOr("failed");
    return std::optional(withStatus(*before_, earlier, nowMs_, kFailure));
  }

  base::Status addRows(store::TransitionRecord& record,
                       const std::optional<store::ResourceRecord>& after) {
    if (!after || (before_ && before_->document == after->document)) return {};
    if (row_.resourceKind == "refund") {
      auto payment =
          services_.reader.resourceById(row_.orgId, row_.environment, "payment", after->parentId);
      if (!payment) return base::fail(payment.error());
      if (payment->has_value()) {
        record.resources.push_back(
            withRefund(**payment, before_ ? &*before_ : nullptr, *after, nowMs_));
      }
    }
    record.resources.push_back(*after);
    return {};
  }

  store::FinalRecord finalOf(bool succeeded,
                             const std::optional<store::ResourceRecord>& after) const {
    store::FinalRecord final;
    final.outcome = succeeded ? "done" : "not_executed";
    final.finishedAt = nowMs_;
    final.providerRequestId = row_.providerRequestId;
    final.providerUs = row_.providerUs;
    final.ownUs = row_.ownUs;
    if (!succeeded) {
      json::Writer error;
      error.beginObject()
          .member("category", "not_executed")
          .member("provider_message", "Marked as failed by a person.")
          .endObject();
      final.error = error.take();
    }
    if (row_.responseStatus != 0) {
      // The client was answered before; that answer stays what a replay gives.
      final.responseStatus = row_.responseStatus;
      final.responseHeaders = row_.responseHeaders;
      final.responseBody = row_.responseBody;
    } else if (succeeded) {
      final.responseStatus = input_["creates"].booleanOr(false) ? 201 : 200;
      final.responseBody = successBody(after);
    } else {
      base::Problem problem =
          bad(422, "resolved_as_failed",
              "What became of this was not known; a person has found out that it failed. Use a new "
              "Idempotency-Key to try again.",
              "");
      problem.members.emplace_back("outcome", "\"not_executed\"");
      problem.members.emplace_back("transaction_id", "\"" + row_.id + "\"");
      final.responseStatus = problem.status;
      final.responseBody = services_.renderProblem(problem);
    }
    return final;
  }

  std::string successBody(const std::optional<store::ResourceRecord>& after) const {
    if (after && !deletes(row_.operation)) return after->document;
    json::Writer out;
    out.beginObject();
    if (after) {
      out.member("object", row_.resourceKind).member("id", row_.resourceId).member("deleted", true);
    } else {
      out.member("object", "transaction").member("id", row_.id).member("state", "succeeded");
    }
    out.endObject();
    return out.take();
  }

  const ByHand& services_;
  const store::OperationRecord& row_;
  const HandDecision& decision_;
  const std::int64_t nowMs_;
  json::Document input_;
  std::optional<store::ResourceRecord> before_;
};

}  // namespace

std::optional<HandDecision::As> decisionFromText(std::string_view text) {
  if (text == "succeeded") return HandDecision::As::succeeded;
  if (text == "failed") return HandDecision::As::failed;
  return std::nullopt;
}

base::Result<store::TransitionRecord> makeDecision(const ByHand& services,
                                                   const store::OperationRecord& row,
                                                   const HandDecision& decision) {
  if (auto status = checkWords(row, decision); !status) return base::fail(status.error());
  return Decider(services, row, decision).make();
}

base::Problem decidedMeanwhile(const std::string& operationId) {
  return {409,
          "decided_meanwhile",
          "Transaction " + operationId +
              " was moved by somebody else meanwhile. Read it again before you decide.",
          "id",
          false,
          0,
          {}};
}

}  // namespace unigate::gateway
