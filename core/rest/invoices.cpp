// /v1/invoices: what providers bill, read from them.
#include "rest/resource_routes.hpp"

namespace unigate::rest {

void addInvoiceRoutes(std::vector<Route>& routes) {
  ResourceRoutes resource{"invoice", "invoices", ""};
  resource.listOperation = "invoices.list";
  resource.filters = {"customer", "subscription"};
  addResourceRoutes(routes, std::move(resource));
}

}  // namespace unigate::rest
