// /v1/setup-intents: save a way to pay for later.
#include "rest/resource_routes.hpp"

namespace unigate::rest {

void addSetupIntentRoutes(std::vector<Route>& routes) {
  ResourceRoutes resource{"setup_intent", "setup_intents", "setup_intents.create"};
  resource.createFields = {
      {"customer", FieldIs::reference, false, 0, {}, "customer"},
      {"payment_method", FieldIs::paymentMethod},
      {"confirm", FieldIs::flag},
      {"usage", FieldIs::word, false, 0, {}, {}, {"off_session", "on_session"}},
      {"return_url", FieldIs::url},
      {"cancel_url", FieldIs::url},
      {"description", FieldIs::text, false, 1000},
      {"metadata", FieldIs::metadata}};
  resource.lists = false;
  addResourceRoutes(routes, std::move(resource));
}

}  // namespace unigate::rest
