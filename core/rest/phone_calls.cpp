// /v1/calls: place a telephone call, look at it, hang up.
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

void checkContent(FieldReader& fields, json::View body) {
  const int given = (body["say"].exists() ? 1 : 0) + (body["url"].exists() ? 1 : 0) +
                    (body["document"].exists() ? 1 : 0);
  if (given != 1) fields.fault("say", "Send say, url or document, one of the three.");
}

}  // namespace

void addPhoneCallRoutes(std::vector<Route>& routes) {
  ResourceRoutes resource{"call", "calls", "calls.create"};
  resource.createFields = {{"to", FieldIs::phone, true},
                           {"from", FieldIs::text, false, 64},
                           {"say", FieldIs::text, false, 4000},
                           {"voice", FieldIs::text, false, 64},
                           {"language", FieldIs::text, false, 16},
                           {"url", FieldIs::url},
                           {"document", FieldIs::text, false, 4000},
                           {"record", FieldIs::flag},
                           {"timeout_s", FieldIs::number, false, 600},
                           {"metadata", FieldIs::ownMetadata}};
  resource.createCheck = checkContent;
  resource.actions = {{"hangup", "calls.hangup"}};
  addResourceRoutes(routes, std::move(resource));
}

}  // namespace unigate::rest
