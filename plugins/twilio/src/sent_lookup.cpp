#include "sent_lookup.hpp"

#include <algorithm>
#include <utility>

#include "listing.hpp"

namespace twilio {

namespace {

// Clocks differ; and a send that was turned away for its rate may have been repeated for minutes.
constexpr std::int64_t kEarlierS = 120;
constexpr std::int64_t kLaterS = 900;
constexpr std::int64_t kPageSize = 200;

sdk::HttpRequest firstPage(const SentLookup& lookup) {
  sdk::FormEncoder query;
  query.add("To", lookup.to);
  if (!lookup.from.empty()) query.add("From", lookup.from);
  if (!lookup.undated) query.add(lookup.kind.timeAfter, timestamp::toRfc3339(lookup.earliest));
  query.add("PageSize", kPageSize);
  return get(kApi, lookup.path, query.take(), std::string(lookup.kind.label));
}

void collect(SentLookup& lookup, json::View object) {
  const auto created = timeOf(object["date_created"]);
  if (!created || *created < lookup.earliest || *created > lookup.latest) return;
  auto resource = lookup.match(object, lookup);
  if (!resource) return;
  std::string sid(object["sid"].stringOr(""));
  if (std::find(lookup.sids.begin(), lookup.sids.end(), sid) != lookup.sids.end()) return;
  lookup.sids.push_back(std::move(sid));
  lookup.resourceJson = std::move(*resource);
}

sdk::Error undecided(std::string message) {
  return sdk::Error::unknown(sdk::Category::UnknownOutcome, std::move(message))
      .withRetry(sdk::Retry::Never);
}

sdk::Step judge(SentLookup& lookup) {
  if (lookup.sids.size() == 1) return sdk::Done{std::move(lookup.resourceJson)};
  // For what is sent at most once the gateway takes this as a reason to show it to an operator once
  // it had time to appear, never as one to send again or to call it failed.
  if (lookup.sids.empty()) return sdk::Error::neverHappened("Twilio lists nothing like it");
  return undecided("Twilio lists " + std::to_string(lookup.sids.size()) +
                   " that look the same; look in Twilio's console");
}

}  // namespace

sdk::Step startSentLookup(SentLookup& lookup, const std::optional<std::int64_t>& createdUnixS,
                          const sdk::Call& call) {
  if (!createdUnixS) return undecided("without the time of the operation Twilio can't be asked");
  lookup.live = call.live;
  lookup.earliest = std::max<std::int64_t>(0, *createdUnixS - kEarlierS);
  lookup.latest = *createdUnixS + kLaterS;
  if (call.sentUntilUnixS)
    lookup.latest = std::min(lookup.latest, *call.sentUntilUnixS + kEarlierS);
  lookup.undated = lookup.later;
  return firstPage(lookup);
}

sdk::Step nextSentLookup(SentLookup& lookup, const sdk::HttpResponse& response,
                         const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, document)) return std::move(*problem);
  const json::View list = document[lookup.kind.list];
  if (!list.isArray()) return sdk::Error::badResponse("Twilio's answer is no list");
  for (const json::View object : list.items()) collect(lookup, object);
  const auto cursor = nextCursorOf(document.root(), lookup.path);
  if (!cursor) return cursor.error();
  // What has not left yet is new: without a time, the first page of the newest is enough, but not
  // for what is scheduled, which may have waited long.
  const bool further = cursor->has_value() && (!lookup.undated || lookup.later);
  if (!further && lookup.undated) return judge(lookup);
  if (call.requestsLeft == 0) return undecided("too much at Twilio to look through at once");
  if (further) return get(kApi, lookup.path, **cursor, std::string(lookup.kind.label));
  lookup.undated = true;
  return firstPage(lookup);
}

}  // namespace twilio
