// search.query: the filters of Twilio's lists of messages and calls. A number is looked for as
// recipient first and then, on the pages after those, as sender.
#include <utility>

#include "listing.hpp"
#include "message.hpp"
#include "operations.hpp"
#include "phone_call.hpp"

namespace twilio {

namespace {

// Cursor of the first page of those that the number sent.
constexpr std::string_view kSenders = "senders=1";

bool isOfMessages(const sdk::SearchQuery& in) {
  return in.kind == sdk::SearchKind::Message;
}

std::optional<sdk::Error> checkFilters(const sdk::SearchQuery& in) {
  if (!isOfMessages(in) && in.kind != sdk::SearchKind::Call) {
    return sdk::Error::notSupported("kind", "Twilio has messages and calls");
  }
  const std::pair<const char*, bool> unknown[] = {
      {"email", in.email.has_value()},
      {"reference", in.reference.has_value()},
      {"customer_provider_id", in.customerProviderId.has_value()},
      {"amount", in.amount.has_value()},
      {"currency", in.currency.has_value()},
      {"metadata", !in.metadata.empty()},
      {"text", in.text && !isOfMessages(in)},
  };
  for (const auto& [field, given] : unknown) {
    if (given) {
      return sdk::Error::notSupported(
          field, "Twilio can't search by '" + std::string(field) + "'; use phone, status or time");
    }
  }
  if (!isOfMessages(in) && in.status && callWordOf(*in.status).empty()) {
    return sdk::Error::invalidRequest("status", "'status' is no status of a call");
  }
  return std::nullopt;
}

sdk::Result<std::string> pathOf(const sdk::SearchQuery& in, const sdk::Call& call) {
  return accountPath(call, isOfMessages(in) ? "/Messages.json" : "/Calls.json");
}

std::string firstQuery(const sdk::SearchQuery& in, bool senders) {
  const bool messages = isOfMessages(in);
  sdk::FormEncoder query;
  query.add(senders ? "From" : "To", in.phone);
  if (!messages && in.status) query.add("Status", callWordOf(*in.status));
  if (in.createdLt) {
    query.add(messages ? "DateSent<" : "StartTime<", timestamp::toRfc3339(*in.createdLt));
  }
  if (in.createdGte) {
    query.add(messages ? "DateSent>" : "StartTime>", timestamp::toRfc3339(*in.createdGte));
  }
  query.add("PageSize", in.limit.value_or(10));
  return query.take();
}

// What Twilio's own filters can't say: a message's status and text, and the end of the range, which
// Twilio includes.
bool holds(const sdk::SearchQuery& in, const sdk::Message& message) {
  if (in.status && sdk::wordOf(message.status) != *in.status) return false;
  if (in.text && message.body.value_or("").find(*in.text) == std::string::npos) return false;
  return !in.createdLt || message.sentUnixS.value_or(0) < *in.createdLt;
}

bool holds(const sdk::SearchQuery& in, const sdk::PhoneCall& call) {
  if (in.status && sdk::wordOf(call.status) != *in.status) return false;
  return !in.createdLt || call.startedUnixS.value_or(0) < *in.createdLt;
}

template <typename T>
std::optional<sdk::Error> collect(const sdk::SearchQuery& in, json::View list,
                                  std::string_view kind, sdk::Result<T> (*read)(json::View, bool),
                                  const sdk::Call& call, sdk::Page<sdk::SearchResult>& page) {
  for (const json::View object : list.items()) {
    sdk::Result<T> item = read(object, call.live);
    if (!item) return std::move(item).error();
    if (holds(in, *item)) page.data.push_back(sdk::searchResult(kind, *item));
  }
  return std::nullopt;
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildSearch(const sdk::SearchQuery& in, const sdk::Call& call) {
  if (auto problem = checkFilters(in)) return std::move(*problem);
  auto path = pathOf(in, call);
  if (!path) return std::move(path).error();
  std::string query;
  if (!in.startingAfter || *in.startingAfter == kSenders) {
    query = firstQuery(in, in.startingAfter.has_value());
  } else {
    if (auto problem = checkCursor(*in.startingAfter)) return std::move(*problem);
    query = *in.startingAfter;
  }
  return get(kApi, std::move(*path), std::move(query), "search");
}

sdk::Result<sdk::Page<sdk::SearchResult>> parseSearch(const sdk::HttpResponse& response,
                                                      const sdk::SearchQuery& in,
                                                      const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, document)) return std::move(*problem);
  const json::View list = document[isOfMessages(in) ? "messages" : "calls"];
  if (!list.isArray()) return sdk::Error::badResponse("Twilio's answer is no list");
  sdk::Page<sdk::SearchResult> page;
  auto problem = isOfMessages(in) ? collect(in, list, "message", messageOf, call, page)
                                  : collect(in, list, "call", phoneCallOf, call, page);
  if (problem) return std::move(*problem);
  const auto path = pathOf(in, call);
  if (!path) return path.error();
  const auto cursor = nextCursorOf(document.root(), *path);
  if (!cursor) return cursor.error();
  page.nextCursor = *cursor;
  const std::string_view asked = in.startingAfter ? std::string_view(*in.startingAfter) : "";
  // Pages of the senders carry From in their query, those of the recipients To.
  const bool senders = asked == kSenders || asked.substr(0, 5) == "From=" ||
                       asked.find("&From=") != std::string_view::npos;
  if (!page.nextCursor && in.phone && !senders) page.nextCursor = std::string(kSenders);
  page.hasMore = page.nextCursor.has_value();
  return page;
}

}  // namespace twilio
