// /v1/sms: send text messages over SMS, MMS and WhatsApp.
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

void checkContent(FieldReader& fields, json::View body) {
  if (!body["message"].exists() && !body["media_urls"].exists() && !body["template_id"].exists()) {
    fields.fault("message", "Send message, media_urls or template_id.");
  }
}

}  // namespace

void addMessageRoutes(std::vector<Route>& routes) {
  ResourceRoutes resource{"message", "messages", "messages.create"};
  resource.createFields = {{"to", FieldIs::phone, true},
                           {"message", FieldIs::text, false, 1600, "body"},
                           {"from", FieldIs::text, false, 64},
                           {"media_urls", FieldIs::texts, false, 10},
                           {"channel", FieldIs::word, false, 0, {}, {}, {"sms", "whatsapp"}},
                           {"messaging_service", FieldIs::text, false, 64},
                           {"send_at", FieldIs::time},
                           {"template_id", FieldIs::text, false, 64},
                           {"template_variables", FieldIs::textMap, false, 50},
                           // Kept by us: providers of messages hold no metadata.
                           {"metadata", FieldIs::ownMetadata}};
  resource.createCheck = checkContent;
  resource.listOperation = "messages.list";
  resource.filters = {"to", "from"};
  resource.actions = {{"cancel", "messages.cancel"}};
  addResourceRoutes(routes, std::move(resource));
}

}  // namespace unigate::rest
