#include "gateway/reconcile_book.hpp"

#include <charconv>
#include <utility>

#include "base/ids.hpp"

namespace unigate::gateway {

using reconcile::Entry;
using reconcile::Kind;
using reconcile::Movement;
using reconcile::Phase;

namespace {

constexpr std::size_t kOperationsPage = 500;
// An operation that is open now may be on a resource of the range and older than it.
constexpr std::int64_t kOlderMs = 24LL * 3600 * 1000;
// Clocks differ, and what was accepted may be sent a little later.
constexpr std::int64_t kNewerMs = 600'000;

// A number, or one beyond 2^53 as text.
std::int64_t amountOf(json::View field) {
  if (const auto number = field.int64()) return *number;
  const std::string_view text = field.stringOr("");
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool moves(Phase phase) {
  return phase == Phase::authorized || phase == Phase::done;
}

}  // namespace

Movement movementOf(Kind kind, json::View output) {
  Movement movement;
  movement.kind = kind;
  movement.providerId = output["provider_id"].stringOr("");
  movement.operationId = output["operation_id"].stringOr("");
  movement.parentProviderId = output["payment_provider_id"].stringOr("");
  movement.amount = amountOf(output["amount"]);
  movement.currency = output["currency"].stringOr("");
  movement.captured = amountOf(output["amount_captured"]);
  if (!output["amount_refunded"].isNothing())
    movement.refunded = amountOf(output["amount_refunded"]);
  movement.status = output["status"].stringOr("");
  movement.createdUnixS = output["created_unix_s"].int64Or(0);
  return movement;
}

base::Status BookReader::read(std::vector<Kind> kinds, reconcile::Books& books) {
  kinds_ = std::set<Kind>(kinds.begin(), kinds.end());
  held_.clear();
  operations_.clear();
  books.ours.clear();
  if (auto status = readOperations(); !status) return status;
  if (auto status = readMarked(books.theirs); !status) return status;
  if (auto status = readUnmarked(books.theirs); !status) return status;
  for (auto& [id, held] : held_) {
    if (auto status = finish(held, books); !status) return status;
  }
  return {};
}

base::Status BookReader::readOperations() {
  std::string after;
  while (true) {
    auto page = reader_.operationsAtProvider(tenant_.orgId, tenant_.environment, provider_,
                                             range_.sinceMs - kOlderMs, range_.untilMs + kNewerMs,
                                             after, kOperationsPage);
    if (!page) return base::fail(page.error());
    for (const store::OperationRecord& each : *page) {
      add(each, each.createdAt >= range_.sinceMs && each.createdAt < range_.untilMs);
    }
    if (page->size() < kOperationsPage) return {};
    after = page->back().id;
  }
}

void BookReader::add(const store::OperationRecord& operation, bool inRange) {
  const auto kind = reconcile::kindFromText(operation.resourceKind);
  operations_[operation.id] = !kind.has_value();
  if (!kind || !looksAt(*kind)) return;
  // Should no resource have come of it, its own id stands for one.
  const std::string& key = operation.resourceId.empty() ? operation.id : operation.resourceId;
  Held& held = held_[key];
  Entry& entry = held.entry;
  entry.kind = *kind;
  entry.resourceId = key;
  entry.expected = entry.expected || inRange;
  const std::string name = std::string(reconcile::toText(*kind)) + "s.create";
  const bool creates = operation.operation == name;
  if (creates) {
    entry.operationId = operation.id;
    held.created = operation.state;
    entry.amount = operation.amount;
    entry.currency = operation.currency;
  }
  switch (operation.state) {
    case store::OperationState::succeeded:
      if (operation.operation == "payments.capture") held.captures += operation.amount;
      break;
    case store::OperationState::failed:
      break;
    case store::OperationState::escalated:
      entry.standing = Entry::Standing::escalated;
      entry.openOperationId = operation.id;
      break;
    default:
      if (entry.standing == Entry::Standing::escalated) break;
      entry.standing = Entry::Standing::inFlight;
      entry.openOperationId = operation.id;
  }
}

base::Status BookReader::readMarked(std::vector<Movement>& movements) {
  for (Movement& movement : movements) {
    if (!base::isId("txn_", movement.operationId)) continue;
    auto known = operations_.find(movement.operationId);
    if (known == operations_.end()) {
      auto row = reader_.operationById(tenant_.orgId, tenant_.environment, movement.operationId);
      if (!row) return base::fail(row.error());
      if (!row->has_value() || (*row)->provider != provider_) continue;
      add(**row, false);
      known = operations_.find(movement.operationId);
    }
    movement.indirect = known->second;
  }
  return {};
}

base::Status BookReader::readUnmarked(std::vector<Movement>& movements) {
  for (Movement& movement : movements) {
    if (movement.kind == Kind::refund) {
      if (auto status = findParent(movement); !status) return status;
    }
    if (operations_.count(movement.operationId) > 0) continue;
    const std::string kind(reconcile::toText(movement.kind));
    auto row = reader_.resourceByProviderId(tenant_.orgId, tenant_.environment, kind, provider_,
                                            movement.providerId);
    if (!row) return base::fail(row.error());
    if (!row->has_value()) continue;
    Held& held = held_[(*row)->id];
    held.entry.kind = movement.kind;
    held.entry.resourceId = (*row)->id;
  }
  return {};
}

// Our payment of a refund. It joins the entries: what was captured of it tells what its refunds
// are.
base::Status BookReader::findParent(Movement& movement) {
  if (movement.parentProviderId.empty()) return {};
  auto row = reader_.resourceByProviderId(tenant_.orgId, tenant_.environment, "payment", provider_,
                                          movement.parentProviderId);
  if (!row) return base::fail(row.error());
  if (!row->has_value()) return {};
  movement.parentId = (*row)->id;
  if (!looksAt(Kind::payment)) return {};
  Held& held = held_[movement.parentId];
  held.entry.kind = Kind::payment;
  held.entry.resourceId = movement.parentId;
  return {};
}

// A resource that our books don't have, though an operation names it.
void BookReader::finishWithoutRow(Held& held, reconcile::Books& books) {
  Entry& entry = held.entry;
  const bool done = held.created == store::OperationState::succeeded;
  entry.status = done ? "succeeded" : "failed";
  if (done && entry.kind == Kind::payment) entry.captured = entry.amount;
  if (!done && entry.standing == Entry::Standing::settled)
    entry.standing = Entry::Standing::refused;
  books.ours.push_back(std::move(entry));
}

base::Status BookReader::finish(Held& held, reconcile::Books& books) {
  Entry& entry = held.entry;
  auto row = reader_.resourceById(tenant_.orgId, tenant_.environment,
                                  std::string(reconcile::toText(entry.kind)), entry.resourceId);
  if (!row) return base::fail(row.error());
  if (!row->has_value()) {
    finishWithoutRow(held, books);
    return {};
  }
  const store::ResourceRecord& resource = **row;
  json::Document document;
  json::ReadError error;
  if (!document.parse(resource.document, error))
    return base::fail(500, "unreadable_resource",
                      "The document of " + resource.id + " is no JSON.");
  entry.providerId = resource.providerId;
  entry.parentId = resource.parentId;
  entry.status = resource.status;
  entry.amount = resource.amount;
  entry.currency = resource.currency;
  if (entry.kind == Kind::payment) {
    entry.captured = amountOf(document["amount_captured"]);
    entry.refunded = amountOf(document["amount_refunded"]);
    // Only where every capture was read: from the payment's making until now.
    const bool allRead = held.created.has_value() && range_.untilMs + kNewerMs >= nowMs_;
    if (allRead && held.captures > 0 && document["capture_method"].stringOr("") == "manual")
      entry.capturedByOperations = held.captures;
  }
  const bool refused = held.created == store::OperationState::failed;
  if (entry.standing == Entry::Standing::settled && refused &&
      !moves(reconcile::phaseOf(entry.status)))
    entry.standing = Entry::Standing::refused;
  books.ours.push_back(std::move(entry));
  return {};
}

}  // namespace unigate::gateway
