// /v1/products and /v1/plans: what is sold, and what recurs.
#include "rest/plan_fields.hpp"
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

void checkPlan(FieldReader& fields, json::View body) {
  if (!body["product"].exists() && !body["name"].exists()) {
    fields.fault("product", "Send product, or a name for the product that is made with the plan.");
  }
}

}  // namespace

void addProductRoutes(std::vector<Route>& routes) {
  ResourceRoutes products{"product", "products", "products.create"};
  products.createFields = {{"name", FieldIs::text, true, 127},
                           {"description", FieldIs::text, false, 256},
                           {"category", FieldIs::text, false, 100},
                           {"image_url", FieldIs::url},
                           {"url", FieldIs::url},
                           {"metadata", FieldIs::metadata}};
  products.listOperation = "products.list";
  addResourceRoutes(routes, std::move(products));

  ResourceRoutes plans{"plan", "plans", "plans.create"};
  plans.createFields = planFields();
  plans.createFields.push_back({"metadata", FieldIs::metadata});
  plans.createCheck = checkPlan;
  plans.listOperation = "plans.list";
  plans.filters = {"product"};
  addResourceRoutes(routes, std::move(plans));
}

}  // namespace unigate::rest
