// messages.get and messages.list: GET /2010-04-01/Accounts/{AccountSid}/Messages[/{Sid}].json.
#include <utility>

#include "listing.hpp"
#include "message.hpp"
#include "operations.hpp"

namespace twilio {

sdk::Result<sdk::HttpRequest> buildMessageGet(const sdk::ProviderRef& in, const sdk::Call& call) {
  auto path = messagePath(call, in.providerId);
  if (!path) return std::move(path).error();
  return get(kApi, std::move(*path), {}, "messages.get");
}

sdk::Result<sdk::Message> parseMessageGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call) {
  return readMessage(response, in.providerId, call);
}

sdk::Result<sdk::HttpRequest> buildMessagesList(const sdk::ListQuery& in, const sdk::Call& call) {
  auto path = accountPath(call, "/Messages.json");
  if (!path) return std::move(path).error();
  if (in.startingAfter) {
    if (auto problem = checkCursor(*in.startingAfter)) return std::move(*problem);
    return get(kApi, std::move(*path), *in.startingAfter, "messages.list");
  }
  sdk::FormEncoder query;
  query.add("To", in.to).add("From", in.from);
  if (in.createdLt) query.add("DateSent<", timestamp::toRfc3339(*in.createdLt));
  if (in.createdGte) query.add("DateSent>", timestamp::toRfc3339(*in.createdGte));
  query.add("PageSize", in.limit);
  return get(kApi, std::move(*path), query.take(), "messages.list");
}

sdk::Result<sdk::Page<sdk::Message>> parseMessagesList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, document)) return std::move(*problem);
  if (!document["messages"].isArray()) return sdk::Error::badResponse("Twilio's answer is no list");
  const auto path = accountPath(call, "/Messages.json");
  if (!path) return path.error();
  const auto cursor = nextCursorOf(document.root(), *path);
  if (!cursor) return cursor.error();
  sdk::Page<sdk::Message> page;
  for (const json::View object : document["messages"].items()) {
    // One that can't be understood spoils the page: a list with a hole would look complete.
    sdk::Result<sdk::Message> message = messageOf(object, call.live);
    if (!message) return std::move(message).error();
    // Twilio's range includes its end, ours does not.
    if (in.createdLt && message->sentUnixS.value_or(0) >= *in.createdLt) continue;
    page.data.push_back(std::move(*message));
  }
  page.nextCursor = *cursor;
  page.hasMore = page.nextCursor.has_value();
  return page;
}

}  // namespace twilio
