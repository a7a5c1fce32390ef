#include "gateway/reconciler.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <unigate/json.hpp>
#include <unordered_map>
#include <utility>

#include "gateway/reconcile_book.hpp"
#include "reconcile/limits.hpp"

namespace unigate::gateway {

using reconcile::Books;
using reconcile::Coverage;
using reconcile::Difference;
using reconcile::Entry;
using reconcile::Findings;
using reconcile::Kind;
using reconcile::kNone;
using reconcile::Movement;

namespace {

namespace limits = reconcile::limits;

constexpr std::array kKinds = {Kind::payment, Kind::refund, Kind::payout, Kind::message};
constexpr std::int64_t kPageSize = 100;
constexpr std::size_t kLooksAtOnce = 8;
// Refunds that bear no mark and name no payment: so many are asked for theirs.
constexpr std::size_t kForeignRefundsAsked = 200;
constexpr int kTriesMax = 7;
constexpr std::int64_t kRetryAfterSecondsMax = 60;

std::string nameOf(Kind kind, std::string_view what) {
  return std::string(reconcile::toText(kind)) + "s." + std::string(what);
}

std::string keyOf(Kind kind, const std::string& id) {
  return std::string(reconcile::toText(kind)) + "/" + id;
}

reconcile::Report reportOf(const ReconcileRequest& request) {
  reconcile::Report report;
  report.id = request.id;
  report.provider = request.provider;
  report.live = request.tenant.live();
  report.origin = request.origin;
  report.sinceMs = request.sinceMs;
  report.untilMs = request.untilMs;
  report.createdMs = request.createdMs;
  return report;
}

// One question about something that differs at first sight.
struct Look {
  Kind kind = Kind::payment;
  std::string providerId;
  std::string resourceId;  // read anew and stored, as a GET of the API does; empty: only read
};

// Owns itself through the callbacks that it waits for.
class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(Shared& shared, Gateway& gateway, net::EventLoop& loop, ReconcileRequest request,
      std::function<void(Reconciled)> done)
      : shared_(shared),
        gateway_(gateway),
        loop_(loop),
        request_(std::move(request)),
        done_(std::move(done)) {
    report_ = reportOf(request_);
  }

  void start() {
    const plugin_host::Plugin* plugin = shared_.plugins.find(request_.provider);
    if (plugin == nullptr) {
      return fail("no_such_provider",
                  "There is no provider \"" + request_.provider + "\" in service.");
    }
    for (const Kind kind : kKinds) {
      const auto& manifest = plugin->manifest();
      if (manifest.findOperation(nameOf(kind, "create")) == nullptr ||
          manifest.findOperation(nameOf(kind, "get")) == nullptr) {
        continue;
      }
      const bool lists = manifest.findOperation(nameOf(kind, "list")) != nullptr;
      report_.coverage.push_back(
          {kind, lists ? "listed" : "asked", lists ? "" : "The provider has no such list.", 0, 0});
    }
    if (report_.coverage.empty()) {
      return fail("not_supported",
                  "This provider has neither payments nor payouts nor messages "
                  "that could be compared.");
    }
    listNextKind(0);
  }

 private:
  // ---- the provider's movements ----

  void listNextKind(std::size_t at) {
    while (at < report_.coverage.size() && report_.coverage[at].how != "listed") ++at;
    if (at == report_.coverage.size()) return compareFirst();
    askPage(at, "");
  }

  void askPage(std::size_t at, const std::string& cursor) {
    Coverage& coverage = report_.coverage[at];
    if (++coverage.pages > limits::kPagesMax) return tooMuch();
    json::Writer input;
    input.beginObject().member("limit", kPageSize);
    // Whole seconds around the range.
    input.member("created_gte", request_.sinceMs / 1000);
    input.member("created_lt", (request_.untilMs + 999) / 1000);
    if (!cursor.empty()) input.member("starting_after", cursor);
    input.endObject();
    ask(nameOf(coverage.kind, "list"), input.take(), 1,
        [self = shared_from_this(), at, cursor](base::Result<CallResult> result) {
          if (!result) return self->listRefused(at, result.error());
          self->takePage(at, cursor, result->resultJson);
        });
  }

  void takePage(std::size_t at, const std::string& cursor, const std::string& text) {
    Coverage& coverage = report_.coverage[at];
    json::Document page;
    json::ReadError error;
    if (!page.parse(text, error)) return fail("provider_bad_response", "A page is no JSON.");
    for (const json::View item : page["data"].items()) {
      // What others sent to us is no business of ours.
      if (item["direction"].stringOr("") == "inbound") continue;
      keep(coverage, movementOf(coverage.kind, item));
    }
    if (books_.theirs.size() > limits::kMovementsMax) return tooMuch();
    const std::string next(page["next_cursor"].stringOr(""));
    if (!page["has_more"].booleanOr(false)) return listNextKind(at + 1);
    if (next.empty() || next == cursor) {
      return fail("provider_bad_response", "The provider's list does not go on where it says.");
    }
    askPage(at, next);
  }

  // A movement that is listed again is the same: pages shift while new ones come. Where the
  // provider lists the parts of a payment, they are added up; a second look tells the two apart.
  void keep(Coverage& coverage, Movement movement) {
    if (movement.providerId.empty()) return;
    const auto [known, fresh] =
        byId_.emplace(keyOf(movement.kind, movement.providerId), books_.theirs.size());
    if (fresh) {
      ++coverage.movements;
      books_.theirs.push_back(std::move(movement));
      return;
    }
    Movement& before = books_.theirs[known->second];
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(before.captured, movement.captured, &sum)) before.captured = sum;
  }

  // The credentials may not list, or the account lacks what the list needs: then each of ours is
  // asked for.
  void listRefused(std::size_t at, const base::Problem& problem) {
    const bool ofThisList = problem.code == "provider_permission_denied" ||
                            (problem.status < 500 && !problem.retryable) || problem.status == 501;
    if (!ofThisList) return fail(problem);
    Coverage& coverage = report_.coverage[at];
    coverage.how = "asked";
    coverage.detail = textOf(problem);
    listNextKind(at + 1);
  }

  // ---- our books, and the comparison ----

  bool readBooks() {
    BookReader reader(gateway_.reader(), request_.tenant, request_.provider,
                      {request_.sinceMs, request_.untilMs}, shared_.clock.unixMs());
    std::vector<Kind> kinds;
    for (const Coverage& each : report_.coverage) kinds.push_back(each.kind);
    if (auto status = reader.read(std::move(kinds), books_); !status) {
      fail(status.error());
      return false;
    }
    return true;
  }

  void compareFirst() {
    if (!readBooks()) return;
    findings_ = reconcile::compare(books_);
    planAsked();
    for (const Difference& each : findings_.differences) plan(each.entry, each.movement, false);
    std::size_t foreignRefunds = 0;
    for (const std::size_t each : findings_.foreign) {
      const Movement& movement = books_.theirs[each];
      const bool homeless = movement.kind == Kind::refund && movement.parentProviderId.empty();
      if (homeless && ++foreignRefunds <= kForeignRefundsAsked) plan(kNone, each, false);
    }
    if (looks_.empty()) return catchUp();
    next_ = [this] {
      if (compareAgain()) catchUp();
    };
    startLooks();
  }

  // Only what is behind is read anew and stored: a difference must not be mended before it is told.
  void catchUp() {
    behindAtFirst_ = findings_.behind.size();
    for (const reconcile::Pair& each : findings_.behind) plan(each.entry, each.movement, true);
    if (looks_.empty()) return finish();
    next_ = [this] {
      if (compareAgain()) finish();
    };
    startLooks();
  }

  void startLooks() {
    if (looks_.size() > limits::kLooksMax) {
      return fail("too_many_differences",
                  "More than " + std::to_string(limits::kLooksMax) +
                      " differ at first sight: choose a shorter range, and check that the stored "
                      "credentials are of the right account.");
    }
    report_.secondLooks += looks_.size();
    for (std::size_t i = 0; i < kLooksAtOnce; ++i) lookNext();
  }

  // What the provider does not list is asked for one by one.
  void planAsked() {
    for (std::size_t i = 0; i < books_.ours.size(); ++i) {
      const Entry& entry = books_.ours[i];
      const bool asked = std::any_of(
          report_.coverage.begin(), report_.coverage.end(),
          [&](const Coverage& each) { return each.kind == entry.kind && each.how == "asked"; });
      const bool open = entry.standing == Entry::Standing::inFlight ||
                        entry.standing == Entry::Standing::escalated;
      if (asked && entry.expected && !open) plan(i, kNone, false);
    }
  }

  void plan(std::size_t entry, std::size_t movement, bool store) {
    Look look;
    if (entry != kNone) {
      look.kind = books_.ours[entry].kind;
      look.providerId = books_.ours[entry].providerId;
      if (store) look.resourceId = books_.ours[entry].resourceId;
    }
    if (movement != kNone) {
      look.kind = books_.theirs[movement].kind;
      const std::string& id = books_.theirs[movement].providerId;
      if (!look.providerId.empty() && look.providerId != id &&
          planned_.insert(keyOf(look.kind, look.providerId)).second)
        looks_.push_back(look);
      look.providerId = id;
    }
    if (!look.providerId.empty() && planned_.insert(keyOf(look.kind, look.providerId)).second)
      looks_.push_back(std::move(look));
  }

  // ---- the second look ----

  void lookNext() {
    if (isOver()) return;
    if (looks_.empty()) {
      if (looking_ > 0 || !next_) return;
      const auto next = std::exchange(next_, nullptr);
      return next();
    }
    const Look look = std::move(looks_.front());
    looks_.pop_front();
    ++looking_;
    if (look.resourceId.empty()) return get(look);
    fetch(look);
  }

  void get(const Look& look) {
    json::Writer input;
    input.beginObject().member("provider_id", look.providerId).endObject();
    ask(nameOf(look.kind, "get"), input.take(), 1,
        [self = shared_from_this(), look](base::Result<CallResult> result) {
          --self->looking_;
          if (!result) return self->lookRefused(look, result.error());
          self->replace(look, result->resultJson);
          self->loop_.post([self] { self->lookNext(); });
        });
  }

  // Ours waits for news that the provider has: they are read and stored, as a GET of the API does.
  // What is compared then is read after it, so that it is never older than ours.
  void fetch(const Look& look) {
    auto row =
        gateway_.reader().resourceById(request_.tenant.orgId, request_.tenant.environment,
                                       std::string(reconcile::toText(look.kind)), look.resourceId);
    if (!row || !row->has_value()) return get(look);
    gateway_.fetch(request_.tenant, std::move(**row),
                   [self = shared_from_this(), look](const base::Result<Gateway::Fetched>&) {
                     // Whatever hindered it is told by the question that follows.
                     self->get(look);
                   });
  }

  // What the provider says now takes the place of what it listed.
  void replace(const Look& look, const std::string& text) {
    json::Document output;
    json::ReadError error;
    if (!output.parse(text, error)) return;
    Movement fresh = movementOf(look.kind, output.root());
    const auto known = byId_.find(keyOf(look.kind, fresh.providerId));
    if (known == byId_.end()) {
      byId_.emplace(keyOf(look.kind, fresh.providerId), books_.theirs.size());
      books_.theirs.push_back(std::move(fresh));
      return;
    }
    Movement& before = books_.theirs[known->second];
    fresh.operationId = std::move(before.operationId);
    if (fresh.parentProviderId.empty()) fresh.parentProviderId = std::move(before.parentProviderId);
    if (fresh.createdUnixS == 0) fresh.createdUnixS = before.createdUnixS;
    before = std::move(fresh);
  }

  // Gone, or never there: that is what the look was for.
  void lookRefused(const Look& look, const base::Problem& problem) {
    const bool knownAbsent = problem.code == "provider_not_found";
    if (!knownAbsent && (problem.status >= 500 || problem.retryable)) return fail(problem);
    const auto known = byId_.find(keyOf(look.kind, look.providerId));
    // It was listed and can't be read by itself: the list stays the provider's word.
    if (knownAbsent && known != byId_.end()) gone_.insert(known->second);
    loop_.post([self = shared_from_this()] { self->lookNext(); });
  }

  // False when the run is over.
  bool compareAgain() {
    planned_.clear();
    if (!gone_.empty()) dropGone();
    if (!readBooks()) return false;
    findings_ = reconcile::compare(books_);
    return true;
  }

  void dropGone() {
    std::vector<Movement> left;
    byId_.clear();
    for (std::size_t i = 0; i < books_.theirs.size(); ++i) {
      if (gone_.count(i) > 0) continue;
      Movement& movement = books_.theirs[i];
      byId_.emplace(keyOf(movement.kind, movement.providerId), left.size());
      left.push_back(std::move(movement));
    }
    books_.theirs = std::move(left);
    gone_.clear();
  }

  // ---- asking, and the end ----

  void ask(const std::string& operation, const std::string& input, int tries,
           std::function<void(base::Result<CallResult>)> done) {
    if (isOver()) return;
    ReadRequest request{request_.tenant, operation, request_.provider, input, "", true};
    gateway_.read(std::move(request), [self = shared_from_this(), operation, input, tries,
                                       done = std::move(done)](base::Result<CallResult> result) {
      if (self->isOver()) return;
      if (!result && self->again(result.error(), tries, [self, operation, input, tries, done] {
            self->ask(operation, input, tries + 1, done);
          })) {
        return;
      }
      done(std::move(result));
    });
  }

  bool isOver() const { return over_ || (request_.stopped && *request_.stopped); }

  // Plans another try of a question after the provider's own delay, else a growing one. False: it
  // is no use.
  bool again(const base::Problem& problem, int tries, std::function<void()> task) {
    const bool refused = problem.code == "provider_permission_denied" ||
                         problem.code == "provider_bad_response" || problem.code == "not_supported";
    if (!problem.retryable || refused || tries >= kTriesMax) return false;
    const std::int64_t growing = std::int64_t{1} << std::min(tries - 1, 5);
    const std::int64_t seconds =
        std::min(std::max(problem.retryAfterSeconds, growing), kRetryAfterSecondsMax);
    loop_.after(seconds * 1000, std::move(task));
    return true;
  }

  static std::string textOf(const base::Problem& problem) {
    std::string text = problem.detail;
    for (const auto& [name, value] : problem.members) {
      if (name == "provider_message") text += " The provider says: " + value;
    }
    return text;
  }

  void tooMuch() {
    fail("range_too_large",
         "The provider has more in this range than one run compares: choose a "
         "shorter one.");
  }

  void fail(const base::Problem& problem) { fail(problem.code, textOf(problem)); }

  void fail(const std::string& code, const std::string& detail) {
    if (over_) return;
    report_.failureCode = code;
    report_.failureDetail = detail;
    books_ = {};
    findings_ = {};
    end("failed");
  }

  void finish() {
    report_.entries = books_.ours.size();
    const std::size_t behind = findings_.behind.size();
    report_.caughtUp = behindAtFirst_ > behind ? behindAtFirst_ - behind : 0;
    end("finished");
  }

  void end(const std::string& status) {
    over_ = true;
    report_.status = status;
    report_.finishedMs = shared_.clock.unixMs();
    Reconciled result;
    result.record = begunRecord(request_);
    result.record.status = status;
    result.record.finishedAt = report_.finishedMs;
    result.record.differences = static_cast<std::int64_t>(findings_.differences.size());
    result.record.document = reconcile::toDocument(report_, books_, findings_);
    result.report = report_;
    auto done = std::move(done_);
    done(std::move(result));
  }

  Shared& shared_;
  Gateway& gateway_;
  net::EventLoop& loop_;
  ReconcileRequest request_;
  std::function<void(Reconciled)> done_;
  reconcile::Report report_;
  Books books_;
  Findings findings_;
  std::unordered_map<std::string, std::size_t>
      byId_;  // of Books::theirs, by kind and provider's id
  std::deque<Look> looks_;
  std::set<std::string> planned_;
  std::set<std::size_t> gone_;
  std::function<void()> next_;  // when all looks are over; empty while none are under way
  std::size_t looking_ = 0;
  std::size_t behindAtFirst_ = 0;
  bool over_ = false;
};

}  // namespace

store::ReconciliationRecord begunRecord(const ReconcileRequest& request) {
  store::ReconciliationRecord record;
  record.id = request.id;
  record.orgId = request.tenant.orgId;
  record.environment = request.tenant.environment;
  record.provider = request.provider;
  record.status = "running";
  record.since = request.sinceMs;
  record.until = request.untilMs;
  record.createdAt = request.createdMs;
  record.document = reconcile::toDocument(reportOf(request), {}, {});
  return record;
}

store::ReconciliationRecord abandonedRecord(const store::ReconciliationRecord& begun,
                                            std::int64_t nowMs) {
  ReconcileRequest request;
  request.id = begun.id;
  request.tenant = {begun.orgId, begun.environment};
  request.provider = begun.provider;
  request.sinceMs = begun.since;
  request.untilMs = begun.until;
  request.createdMs = begun.createdAt;
  json::Document document;
  json::ReadError error;
  if (document.parse(begun.document, error)) request.origin = document["origin"].stringOr("");
  reconcile::Report report = reportOf(request);
  report.status = "failed";
  report.finishedMs = nowMs;
  report.failureCode = "abandoned";
  report.failureDetail = "The process that ran it has ended. Start it again.";
  store::ReconciliationRecord record = begun;
  record.status = report.status;
  record.finishedAt = nowMs;
  record.document = reconcile::toDocument(report, {}, {});
  return record;
}

void reconcileAccount(Shared& shared, Gateway& gateway, net::EventLoop& loop,
                      ReconcileRequest request, std::function<void(Reconciled)> done) {
  std::make_shared<Run>(shared, gateway, loop, std::move(request), std::move(done))->start();
}

}  // namespace unigate::gateway
