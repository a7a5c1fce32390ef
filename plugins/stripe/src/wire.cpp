#include "wire.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "errors.hpp"

namespace stripe {

namespace {

bool isStripeId(std::string_view id) {
  constexpr std::size_t kCharsMax = 255;
  return !id.empty() && id.size() <= kCharsMax && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

sdk::HttpRequest request(sdk::Method method, std::string path, std::string label) {
  sdk::HttpRequest request;
  request.method = method;
  request.endpoint = "api";
  request.path = std::move(path);
  request.auth = "api_key";
  request.headers.push_back({"Stripe-Version", std::string(kVersion)});
  request.headers.push_back({"Accept", "application/json"});
  request.redact = {"/client_secret",
                    "/secret",
                    "/error/payment_intent/client_secret",
                    "/error/setup_intent/client_secret",
                    "/latest_invoice/confirmation_secret/client_secret",
                    "/pending_setup_intent/client_secret"};
  request.traceLabel = std::move(label);
  return request;
}

}  // namespace

sdk::HttpRequest get(std::string path, std::string query, std::string label) {
  sdk::HttpRequest made = request(sdk::Method::Get, std::move(path), std::move(label));
  made.query = std::move(query);
  made.mayRetry = true;
  return made;
}

sdk::HttpRequest post(std::string path, sdk::FormEncoder form, const sdk::Call& call,
                      std::string label, std::string_view keySuffix) {
  sdk::HttpRequest made = request(sdk::Method::Post, std::move(path), std::move(label));
  made.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  if (!call.idempotencyKey.empty()) {
    made.headers.push_back({"Idempotency-Key", call.idempotencyKey + std::string(keySuffix)});
  }
  made.body = form.take();
  for (const char* field : {"email", "name", "phone"}) {
    made.redact.emplace_back(field);
    made.redact.push_back("/" + std::string(field));
    made.redact.push_back("metadata[unigate_customer_" + std::string(field) + "]");
    made.redact.push_back("/metadata/unigate_customer_" + std::string(field));
  }
  return made;
}

sdk::HttpRequest deletion(std::string path, std::string query, std::string label) {
  sdk::HttpRequest made = request(sdk::Method::Delete, std::move(path), std::move(label));
  made.query = std::move(query);
  return made;
}

sdk::Result<std::string> objectPath(std::string_view collection, std::string_view id,
                                    std::string_view field, std::string_view tail) {
  if (!isStripeId(id)) {
    return sdk::Error::invalidRequest(std::string(field),
                                      "'" + std::string(field) + "' is no id of Stripe");
  }
  std::string path = "/v1/";
  path.append(collection).append("/").append(id).append(tail);
  return path;
}

std::optional<sdk::Error> addMetadata(
    sdk::FormEncoder& form, const sdk::Metadata& client,
    std::initializer_list<std::pair<std::string_view, std::string_view>> ours) {
  std::size_t count = client.size();
  for (const auto& [name, value] : client) {
    if (std::string_view(name).substr(0, kOurPrefix.size()) == kOurPrefix) {
      return sdk::Error::invalidRequest(
          "metadata",
          "metadata keys that start with 'unigate_' are the gateway's own; rename '" + name + "'");
    }
    if (name.find_first_of("[]") != std::string::npos) {
      return sdk::Error::invalidRequest("metadata",
                                        "Stripe takes no square brackets in metadata keys");
    }
    form.addNested({"metadata", name}, value);
  }
  for (const auto& [name, value] : ours) {
    if (value.empty()) continue;
    form.addNested({"metadata", name}, value);
    ++count;
  }
  if (count <= kMetadataKeysMax) return std::nullopt;
  return sdk::Error::invalidRequest(
      "metadata", "Stripe keeps 50 metadata keys, " + std::to_string(count - client.size()) +
                      " of them are the gateway's own here; send fewer");
}

sdk::Metadata clientMetadata(json::View object) {
  sdk::Metadata result;
  for (const json::Member& member : object["metadata"].members()) {
    if (member.name.substr(0, kOurPrefix.size()) == kOurPrefix) continue;
    if (const auto text = member.value.string()) result.emplace_back(member.name, *text);
  }
  return result;
}

std::optional<sdk::Error> readAnswer(const sdk::HttpResponse& response, std::string_view kind,
                                     json::Document& document) {
  if (!response.is2xx()) return errorOf(response, kind);
  if (!response.json(document)) return sdk::Error::badResponse("Stripe's answer is no JSON");
  if (document["object"].stringOr("") != kind) {
    return sdk::Error::badResponse("Stripe's answer is no " + std::string(kind));
  }
  return std::nullopt;
}

std::optional<std::string> textOf(json::View field) {
  const auto text = field.string();
  if (!text) return std::nullopt;
  return std::string(*text);
}

std::optional<std::string> idOf(json::View field) {
  return textOf(field.isObject() ? field["id"] : field);
}

}  // namespace stripe
