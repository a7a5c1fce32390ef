#include "lookup.hpp"

#include <utility>

namespace razorpay {

namespace {

sdk::Step page(const Lookup& lookup, const sdk::Call& call) {
  sdk::FormEncoder query = lookup.filter;
  // Clocks differ a little; nothing of the operation is older, or younger.
  constexpr std::int64_t kMarginS = 600;
  if (lookup.hasRange && lookup.createdUnixS) query.add("from", *lookup.createdUnixS - kMarginS);
  if (lookup.hasRange && call.sentUntilUnixS) query.add("to", *call.sentUntilUnixS + kMarginS);
  query.add("count", kPageMax);
  if (lookup.seen > 0) query.add("skip", lookup.seen);
  return get(lookup.path, query.take(), call, lookup.label);
}

}  // namespace

json::View findOurs(json::View items, std::string_view operationId) {
  for (const json::View object : items.items()) {
    if (noteOf(object, kOperationKey) == operationId ||
        object["reference_id"].stringOr("") == operationId) {
      return object;
    }
  }
  return {};
}

sdk::Step startLookup(Lookup& lookup, const sdk::Call& call) {
  if (lookup.operationId.empty()) {
    return sdk::Error::unknown(sdk::Category::NotSupported,
                               "the operation carries no id to look for");
  }
  return page(lookup, call);
}

sdk::Step nextLookup(Lookup& lookup, const sdk::HttpResponse& response, const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, {}, document)) return std::move(*problem);
  const json::View items = itemsOf(document);
  if (!items.isArray()) return sdk::Error::badResponse("Razorpay's answer is no list");
  if (const json::View ours = findOurs(items, lookup.operationId); ours.exists()) {
    return lookup.found(ours, contextOf(call));
  }
  const auto count = static_cast<std::int64_t>(items.size());
  lookup.seen += count;
  if (count < kPageMax && !document["has_more"].booleanOr(false)) {
    return sdk::Error::neverHappened("Razorpay has nothing of this operation");
  }
  if (call.requestsLeft == 0) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "too many objects at Razorpay to look through at once");
  }
  return page(lookup, call);
}

}  // namespace razorpay
