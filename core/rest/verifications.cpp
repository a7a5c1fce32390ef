// /v1/verifications: one-time codes, sent and checked; /v1/lookups: what is known of a number.
#include <algorithm>

#include "rest/operations.hpp"
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

void checkRecipient(FieldReader& fields, json::View body) {
  const std::string_view to = body["to"].stringOr("");
  if (to.empty()) return;
  const bool address = to.find('@') != std::string_view::npos;
  if (address != (body["channel"].stringOr("") == "email")) {
    fields.fault("to", "to must be an e-mail address for channel email, else a phone number.");
  }
}

// Comma-separated words of the query, e.g. fields=line_type,caller_name.
void wordsMember(json::Writer& out, std::string_view name, std::string_view text) {
  out.key(name).beginArray();
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) out.value(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  out.endArray();
}

std::string lookupDocument(const std::string& provider, bool live, json::View output) {
  json::Writer out;
  out.beginObject()
      .member("object", "lookup")
      .member("provider", provider)
      .member("livemode", live);
  for (const char* name :
       {"phone_number", "valid", "country", "calling_country_code", "national_format", "line_type",
        "carrier", "caller_name", "mobile_country_code", "mobile_network_code"}) {
    out.key(name);
    output[name].isNothing() ? void(out.null()) : void(out.value(output[name]));
  }
  out.key("validation_errors");
  if (output["validation_errors"].isArray()) {
    out.value(output["validation_errors"]);
  } else {
    out.beginArray().endArray();
  }
  out.endObject();
  return out.take();
}

void lookUp(const Call::Ptr& call) {
  auto provider = call->gateway.route(call->tenant, "lookups.get",
                                      std::string(call->queryValue("provider").value_or("")));
  if (!provider) return call->fail(provider.error());
  json::Writer input;
  input.beginObject().member("phone_number", call->param(0));
  if (const auto country = call->queryValue("country")) input.member("country", *country);
  if (const auto fields = call->queryValue("fields")) wordsMember(input, "fields", *fields);
  input.endObject();
  readAndSend(call, "lookups.get", *provider, input.take(), lookupDocument);
}

}  // namespace

void addVerificationRoutes(std::vector<Route>& routes) {
  ResourceRoutes resource{"verification", "verifications", "verifications.create"};
  resource.createFields = {
      {"to", FieldIs::text, true, 254},
      {"channel", FieldIs::word, true, 0, {}, {}, {"sms", "call", "email", "whatsapp"}},
      {"locale", FieldIs::text, false, 16},
      {"template_id", FieldIs::text, false, 64},
      {"metadata", FieldIs::ownMetadata}};
  resource.createCheck = checkRecipient;
  resource.lists = false;
  resource.actions = {{"check", "verifications.check", {{"code", FieldIs::text, true, 10}}}};
  addResourceRoutes(routes, std::move(resource));
  routes.push_back({"GET",
                    "/v1/lookups/{phone_number}",
                    "lookups",
                    "read",
                    Route::Body::none,
                    {"country", "fields", "provider", "include"},
                    lookUp});
}

}  // namespace unigate::rest
