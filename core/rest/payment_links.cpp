// /v1/payment-links: a page to pay at, by link.
#include "rest/resource_routes.hpp"

namespace unigate::rest {

void addPaymentLinkRoutes(std::vector<Route>& routes) {
  ResourceRoutes resource{"payment_link", "payment_links", "payment_links.create"};
  resource.createFields = {{"amount", FieldIs::amount, true},
                           {"currency", FieldIs::currency, true},
                           {"description", FieldIs::text, false, 500},
                           {"reference", FieldIs::text, false, 40},
                           {"customer",
                            FieldIs::flat,
                            false,
                            0,
                            {},
                            {},
                            {},
                            {{"name", FieldIs::text, false, 256, "customer_name"},
                             {"email", FieldIs::email, false, 0, "customer_email"},
                             {"phone", FieldIs::phone, false, 0, "customer_phone"}}},
                           {"accept_partial", FieldIs::flag},
                           {"notify",
                            FieldIs::flat,
                            false,
                            0,
                            {},
                            {},
                            {},
                            {{"sms", FieldIs::flag, false, 0, "notify_sms"},
                             {"email", FieldIs::flag, false, 0, "notify_email"}}},
                           {"expires_at", FieldIs::time},
                           {"return_url", FieldIs::url},
                           {"metadata", FieldIs::metadata}};
  resource.listOperation = "payment_links.list";
  resource.filters = {"reference"};
  resource.actions = {{"cancel", "payment_links.cancel"}};
  addResourceRoutes(routes, std::move(resource));
}

}  // namespace unigate::rest
