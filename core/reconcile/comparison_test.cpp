#include "reconcile/comparison.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <unigate/json.hpp>

#include "reconcile/report.hpp"

using namespace unigate::reconcile;
using Standing = Entry::Standing;

namespace {

// A mark as an adapter leaves it at the provider.
std::string markOf(int number) {
  std::string digits = std::to_string(number);
  return "txn_" + std::string(26 - digits.size(), '0') + digits;
}

Entry payment(int number, std::int64_t amount = 1000) {
  Entry entry;
  entry.kind = Kind::payment;
  entry.operationId = markOf(number);
  entry.resourceId = "pay_" + std::to_string(number);
  entry.providerId = "pi_" + std::to_string(number);
  entry.amount = entry.captured = amount;
  entry.refunded = 0;
  entry.currency = "USD";
  entry.status = "succeeded";
  entry.expected = true;
  return entry;
}

Movement movementOf(const Entry& entry) {
  Movement movement;
  movement.kind = entry.kind;
  movement.providerId = entry.providerId;
  movement.operationId = entry.operationId;
  movement.amount = entry.amount;
  movement.captured = entry.captured;
  movement.refunded = entry.refunded;
  movement.currency = entry.currency;
  movement.status = entry.status;
  movement.parentId = entry.parentId;
  movement.createdUnixS = 1'790'000'000;
  return movement;
}

Entry refund(int number, int ofPayment, std::int64_t amount) {
  Entry entry = payment(number, amount);
  entry.kind = Kind::refund;
  entry.resourceId = "re_" + std::to_string(number);
  entry.providerId = "re_at_" + std::to_string(number);
  entry.parentId = "pay_" + std::to_string(ofPayment);
  entry.captured = 0;
  entry.refunded.reset();
  return entry;
}

Books agreeing(std::vector<Entry> entries) {
  Books books;
  for (const Entry& each : entries) books.theirs.push_back(movementOf(each));
  books.ours = std::move(entries);
  return books;
}

// The kind of the only difference, and what it is about.
Difference only(const Findings& findings) {
  REQUIRE(findings.differences.size() == 1);
  return findings.differences.front();
}

}  // namespace

TEST_CASE("Books that agree have no difference, and equal totals") {
  const Findings found = compare(agreeing({payment(1), payment(2, 500), refund(3, 9, 200)}));
  CHECK(found.differences.empty());
  CHECK(found.agreed == 3);
  REQUIRE(found.totals.size() == 2);
  CHECK(found.totals[0].ourAmount == 1500);
  CHECK(found.totals[0].theirAmount == 1500);
  CHECK(found.totals[1].kind == Kind::refund);
  CHECK(found.totals[1].theirCount == 1);
}

TEST_CASE("What the provider does not have is missing, if its operation succeeded in the range") {
  Books books = agreeing({payment(1), payment(2)});
  books.theirs.pop_back();
  const Difference difference = only(compare(books));
  CHECK(difference.kind == DifferenceKind::missing);
  CHECK(difference.entry == 1);
  books.ours[1].expected = false;  // touched outside of the range
  CHECK(compare(books).differences.empty());
  books.ours[1].expected = true;
  books.ours[1].status = "requires_payment_method";  // nobody has paid it
  CHECK(compare(books).differences.empty());
}

TEST_CASE(
    "A movement with a reference of ours that no operation made is extra, others are foreign") {
  Books books = agreeing({payment(1)});
  Movement theirs = movementOf(payment(7));
  books.theirs.push_back(theirs);
  theirs.providerId = "pi_8";
  theirs.operationId = "a text of somebody else";
  books.theirs.push_back(theirs);
  theirs.providerId = "pi_9";
  theirs.operationId = markOf(9);
  theirs.indirect = true;  // paid at a link of ours
  books.theirs.push_back(theirs);
  const Findings found = compare(books);
  CHECK(only(found).kind == DifferenceKind::extra);
  CHECK(only(found).movement == 1);
  CHECK(found.foreign == std::vector<std::size_t>{2, 3});
  CHECK(found.totals.at(0).theirAmount == 2000);
}

TEST_CASE("What bears a reference unknown to us but never moved money is no difference") {
  Books books = agreeing({payment(1)});
  Movement theirs = movementOf(payment(7));
  theirs.status = "canceled";
  books.theirs.push_back(theirs);
  const Findings found = compare(books);
  CHECK(found.differences.empty());
  CHECK(found.foreign.empty());
}

TEST_CASE("A refund at the provider of one of our payments is extra") {
  Books books = agreeing({payment(1)});
  Movement theirs = movementOf(refund(5, 1, 300));
  theirs.operationId.clear();
  books.theirs.push_back(theirs);
  books.theirs[0].refunded = 300;
  const Difference difference = only(compare(books));
  CHECK(difference.kind == DifferenceKind::extra);
  CHECK(difference.movement == 1);
}

TEST_CASE("The release of what was authorised and not captured is no refund, once") {
  Books books = agreeing({payment(1)});
  books.ours[0].captured = books.theirs[0].captured = 600;
  books.theirs[0].refunded.reset();
  Movement release = movementOf(refund(5, 1, 400));
  release.operationId.clear();
  books.theirs.push_back(release);
  CHECK(compare(books).differences.empty());
  release.providerId = "re_at_6";
  books.theirs.push_back(release);
  CHECK(only(compare(books)).kind == DifferenceKind::extra);
}

TEST_CASE("Amounts are compared: asked for, captured, captured by operations, paid back") {
  Books books = agreeing({payment(1)});
  SECTION("amount") {
    books.theirs[0].amount = 1001;
  }
  SECTION("captured") {
    books.theirs[0].captured = 900;
  }
  SECTION("captured by operations") {
    books.ours[0].capturedByOperations = 500;
  }
  SECTION("refunded") {
    books.theirs[0].refunded = 100;
  }
  const Findings found = compare(books);
  CHECK(only(found).kind == DifferenceKind::amount);
  CHECK(found.agreed == 0);
}

TEST_CASE("What was paid back is not told twice: the refund at fault is told alone") {
  Books books = agreeing({payment(1), refund(2, 1, 300)});
  books.ours[0].refunded = 300;
  books.theirs[0].refunded = 100;
  books.theirs[1].amount = 100;
  const Difference difference = only(compare(books));
  CHECK(difference.kind == DifferenceKind::amount);
  CHECK(difference.entry == 1);
}

TEST_CASE("Another currency is a difference of its own") {
  Books books = agreeing({payment(1)});
  books.theirs[0].currency = "EUR";
  books.theirs[0].amount = 7;
  CHECK(only(compare(books)).kind == DifferenceKind::currency);
}

TEST_CASE(
    "Two movements of one operation: the one that our book names counts, the other is a "
    "duplicate") {
  Books books = agreeing({payment(1)});
  Movement twin = movementOf(payment(1));
  twin.providerId = "pi_twin";
  books.theirs.insert(books.theirs.begin(), twin);
  const Findings found = compare(books);
  CHECK(only(found).kind == DifferenceKind::duplicate);
  CHECK(only(found).movement == 0);
  CHECK(only(found).entry == 0);
  CHECK(found.agreed == 1);
  books.theirs[0].status = "canceled";
  CHECK(compare(books).differences.empty());
}

TEST_CASE("Matches by our reference where the provider's id was never learnt") {
  Books books = agreeing({payment(1)});
  books.ours[0].providerId.clear();
  CHECK(compare(books).agreed == 1);
}

TEST_CASE("What was told as failed and moved money is a state, what stays open is none") {
  Books books = agreeing({payment(1)});
  books.ours[0].standing = Standing::refused;
  books.ours[0].status = "failed";
  CHECK(only(compare(books)).kind == DifferenceKind::state);
  books.theirs[0].status = "requires_payment_method";
  books.theirs[0].captured = 0;
  CHECK(compare(books).differences.empty());
}

TEST_CASE("An operation that is not over, or waits for a person, is pending and no difference") {
  const auto standing = GENERATE(Standing::inFlight, Standing::escalated);
  Books books = agreeing({payment(1), payment(2)});
  books.ours[0].standing = standing;
  books.theirs[0].amount = 5;
  books.ours[1].standing = standing;
  books.theirs.pop_back();
  const Findings found = compare(books);
  CHECK(found.differences.empty());
  CHECK(found.pending == std::vector<std::size_t>{0, 1});
  CHECK(found.totals.empty());
}

TEST_CASE("A payment whose refund is under way is not compared by what was paid back") {
  Books books = agreeing({payment(1), refund(2, 1, 300)});
  books.ours[1].standing = Standing::inFlight;
  books.theirs[0].refunded = 300;
  const Findings found = compare(books);
  CHECK(found.differences.empty());
  CHECK(found.pending.size() == 1);
}

TEST_CASE("States that follow by themselves are behind, those that contradict are apart") {
  using enum Phase;
  CHECK(compareStates(Kind::payment, open, done) == States::behind);
  CHECK(compareStates(Kind::payment, authorized, canceled) == States::behind);
  CHECK(compareStates(Kind::payment, authorized, done) == States::apart);
  CHECK(compareStates(Kind::payment, done, authorized) == States::apart);
  CHECK(compareStates(Kind::payment, failed, done) == States::apart);
  CHECK(compareStates(Kind::payment, canceled, done) == States::apart);
  CHECK(compareStates(Kind::payment, done, open) == States::apart);
  CHECK(compareStates(Kind::refund, open, failed) == States::behind);
  CHECK(compareStates(Kind::refund, failed, open) == States::apart);
  CHECK(compareStates(Kind::payout, done, failed) == States::apart);
  CHECK(compareStates(Kind::payout, failed, canceled) == States::same);
  CHECK(compareStates(Kind::message, authorized, done) == States::behind);
  CHECK(compareStates(Kind::message, done, failed) == States::apart);
}

TEST_CASE("Every word of the unified model has its phase") {
  CHECK(phaseOf("requires_capture") == Phase::authorized);
  CHECK(phaseOf("delivered") == Phase::done);
  CHECK(phaseOf("reversed") == Phase::reversed);
  CHECK(phaseOf("a word of tomorrow") == Phase::open);
}

TEST_CASE("Finds all seeded differences among ten thousand operations and nothing else") {
  Books books;
  constexpr int kOperations = 10'000;
  for (int i = 0; i < kOperations; ++i) books.ours.push_back(payment(i, 100 + i));
  books = agreeing(std::move(books.ours));
  for (int i = 0; i < 20; ++i) {
    const auto at = [&](int step) { return static_cast<std::size_t>(i * 500 + step); };
    books.theirs[at(0)].amount += 1;
    books.theirs[at(1)].currency = "EUR";
    books.theirs[at(2)].status = "canceled";
    Movement twin = books.theirs[at(3)];
    twin.providerId += "_twin";
    books.theirs.push_back(twin);
    Movement extra = movementOf(payment(kOperations + i));
    books.theirs.push_back(extra);
    books.theirs[at(4)] = movementOf(payment(2 * kOperations + i));
    books.theirs[at(4)].operationId.clear();  // foreign in its place: the operation's is missing
  }
  const Findings found = compare(books);
  const auto counts = countsOf(found);
  for (const std::size_t each : counts) CHECK(each == 20);
  CHECK(found.agreed == kOperations - 80 + 20 - 20);
  CHECK(found.foreign.size() == 20);
}

TEST_CASE("The report is a JSON object with both sides of every difference") {
  Books books = agreeing({payment(1), payment(2)});
  books.theirs[0].amount = 5;
  books.theirs.pop_back();
  Report report;
  report.id = "rec_1";
  report.status = "finished";
  report.coverage.push_back({Kind::payment, "listed", "", 1, 1});
  const Findings found = compare(books);
  unigate::json::Document document;
  unigate::json::ReadError error;
  REQUIRE(document.parse(toDocument(report, books, found), error));
  CHECK(document["difference_count"].int64Or(0) == 2);
  CHECK(document["counts"]["missing"].int64Or(0) == 1);
  const auto first = document["differences"][std::size_t{0}];
  CHECK(first["ours"]["amount"].int64Or(0) == 1000);
  CHECK(first["provider_side"]["amount"].int64Or(0) == 5);
  CHECK(document["differences"][std::size_t{1}]["provider_side"].isNull());
  CHECK(document["totals"][std::size_t{0}]["currency"].stringOr("") == "USD");
}

TEST_CASE("A report shows a bounded number of differences and counts all") {
  Books books;
  for (int i = 0; i < 1'500; ++i) books.ours.push_back(payment(i));
  const Findings found = compare(books);
  unigate::json::Document document;
  unigate::json::ReadError error;
  REQUIRE(document.parse(toDocument({}, books, found), error));
  CHECK(document["difference_count"].int64Or(0) == 1'500);
  CHECK(document["differences"].size() == limits::kDifferencesShownMax);
}
