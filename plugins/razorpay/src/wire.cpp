#include "wire.hpp"

#include <algorithm>

#include "errors.hpp"

namespace razorpay {

namespace {

sdk::HttpRequest request(sdk::Method method, std::string path, const sdk::Call& call,
                         std::string label) {
  sdk::HttpRequest request;
  request.method = method;
  request.endpoint = "api";
  request.path = std::move(path);
  request.auth = "api_key";
  request.headers.push_back({"Accept", "application/json"});
  const std::string_view account = call.setting("account_id");
  if (!account.empty()) request.headers.push_back({"X-Razorpay-Account", std::string(account)});
  request.traceLabel = std::move(label);
  return request;
}

// What identifies a person or an account never reaches a log.
constexpr const char* kRedacted[] = {"/email",
                                     "/contact",
                                     "/name",
                                     "/phone",
                                     "/secret",
                                     "/legal_business_name",
                                     "/contact_name",
                                     "/customer/email",
                                     "/customer/contact",
                                     "/customer/name",
                                     "/notify_info/notify_email",
                                     "/notify_info/notify_phone",
                                     "/notes/unigate_customer_email",
                                     "/notes/unigate_customer_name",
                                     "/notes/unigate_customer_phone",
                                     "/account_number",
                                     "/fund_account/bank_account/account_number",
                                     "/fund_account/bank_account/name",
                                     "/fund_account/vpa/address",
                                     "/fund_account/mobile/number",
                                     "/fund_account/contact/name",
                                     "/fund_account/contact/email",
                                     "/fund_account/contact/contact"};

}  // namespace

sdk::HttpRequest get(std::string path, std::string query, const sdk::Call& call,
                     std::string label) {
  sdk::HttpRequest made = request(sdk::Method::Get, std::move(path), call, std::move(label));
  made.query = std::move(query);
  made.mayRetry = true;
  made.redact.assign(std::begin(kRedacted), std::end(kRedacted));
  return made;
}

sdk::HttpRequest send(sdk::Method method, std::string path, std::string body, const sdk::Call& call,
                      std::string label) {
  sdk::HttpRequest made = request(method, std::move(path), call, std::move(label));
  if (!body.empty()) made.headers.push_back({"Content-Type", "application/json"});
  made.body = std::move(body);
  made.redact.assign(std::begin(kRedacted), std::end(kRedacted));
  return made;
}

sdk::HttpRequest postWithKey(std::string_view header, std::string path, std::string body,
                             const sdk::Call& call, std::string label) {
  sdk::HttpRequest made = post(std::move(path), std::move(body), call, std::move(label));
  made.headers.push_back({std::string(header), call.idempotencyKey});
  return made;
}

bool isRazorpayId(std::string_view id) {
  constexpr std::size_t kCharsMax = 64;
  return !id.empty() && id.size() <= kCharsMax && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

sdk::Result<std::string> objectPath(std::string_view base, std::string_view id,
                                    std::string_view field, std::string_view tail) {
  if (!isRazorpayId(id)) {
    return sdk::Error::invalidRequest(std::string(field),
                                      "'" + std::string(field) + "' is no id of Razorpay");
  }
  std::string path(base);
  path.append(id).append(tail);
  return path;
}

std::optional<sdk::Error> addNotes(json::Writer& out, const sdk::Metadata& client, OurNotes ours) {
  std::size_t count = client.size();
  const auto longer = [](std::string_view name) {
    return sdk::Error::invalidRequest(
        "metadata",
        "Razorpay keeps at most 256 characters of a note; shorten '" + std::string(name) + "'");
  };
  for (const auto& [name, value] : client) {
    if (std::string_view(name).starts_with(kOurPrefix)) {
      return sdk::Error::invalidRequest(
          "metadata",
          "metadata keys that start with 'unigate_' are the gateway's own; rename '" + name + "'");
    }
    if (name.size() > kNoteCharsMax || value.size() > kNoteCharsMax) return longer(name);
  }
  for (const auto& [name, value] : ours) {
    if (value.empty()) continue;
    if (value.size() > kNoteCharsMax) {
      const std::string field(name.substr(kOurPrefix.size()));
      return sdk::Error::invalidRequest(
          field, "Razorpay keeps at most 256 characters of it; shorten '" + field + "'");
    }
    ++count;
  }
  if (count > kNotesMax) {
    return sdk::Error::invalidRequest(
        "metadata", "Razorpay keeps 15 notes, " + std::to_string(count - client.size()) +
                        " of them are the gateway's own here; send fewer metadata keys");
  }
  if (count == 0) return std::nullopt;
  out.key("notes").beginObject();
  for (const auto& [name, value] : client) out.member(name, value);
  for (const auto& [name, value] : ours) {
    if (!value.empty()) out.member(name, value);
  }
  out.endObject();
  return std::nullopt;
}

std::string_view noteOf(json::View object, std::string_view name) {
  return object["notes"][name].stringOr("");
}

sdk::Metadata clientNotes(json::View object) {
  sdk::Metadata result;
  // Razorpay writes [] for no notes; members() of a list is empty.
  for (const json::Member& member : object["notes"].members()) {
    if (member.name.starts_with(kOurPrefix)) continue;
    if (const auto text = member.value.string()) {
      result.emplace_back(member.name, *text);
    } else if (member.value.isNumber() || member.value.isBool()) {
      result.emplace_back(member.name, json::toText(member.value));
    }
  }
  return result;
}

std::optional<std::string> referenceOf(json::View object) {
  auto reference = textOf(object["notes"][kReferenceKey]);
  return reference ? reference : textOf(object["notes"][kOperationKey]);
}

std::optional<sdk::Error> checkOperationId(std::string_view operationId) {
  if (operationId.size() <= kReferenceCharsMax) return std::nullopt;
  return sdk::Error::invalidRequest(
      "operation_id", "Razorpay keeps references of at most 40 characters; shorten operation_id");
}

std::optional<sdk::Error> readAnswer(const sdk::HttpResponse& response, std::string_view kind,
                                     json::Document& document) {
  if (!response.is2xx()) return errorOf(response);
  if (!response.json(document) || !document.root().isObject()) {
    return sdk::Error::badResponse("Razorpay's answer is no JSON object");
  }
  // Transfers and payouts have a member `error` of their own.
  if (document["error"].isObject() && !document["id"].exists() && !document["items"].exists()) {
    return errorOf(response);
  }
  if (!kind.empty() && document["entity"].stringOr("") != kind) {
    return sdk::Error::badResponse("Razorpay's answer is no " + std::string(kind));
  }
  return std::nullopt;
}

std::optional<std::string> textOf(json::View field) {
  const auto text = field.string();
  if (!text || text->empty()) return std::nullopt;
  return std::string(*text);
}

std::optional<std::int64_t> secondsOf(json::View field) {
  const auto seconds = field.int64();
  return seconds && *seconds > 0 ? seconds : std::nullopt;
}

}  // namespace razorpay
