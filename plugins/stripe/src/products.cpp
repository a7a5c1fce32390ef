// products.create, .get, .list: /v1/products.
#include <utility>

#include "listing.hpp"
#include "operations.hpp"
#include "reading.hpp"

namespace stripe {

sdk::Result<sdk::Product> productOf(json::View object) {
  sdk::Product product;
  if (auto problem = readCommon(object, "product", product)) return std::move(*problem);
  const auto name = object["name"].string();
  if (!name) return unusable("product", "name");
  product.name = std::string(*name);
  product.description = textOf(object["description"]);
  product.active = object["active"].booleanOr(false);
  return product;
}

sdk::Result<sdk::HttpRequest> buildProductCreate(const sdk::ProductCreate& in,
                                                 const sdk::Call& call) {
  sdk::FormEncoder form;
  form.add("name", in.name).add("description", in.description);
  if (in.imageUrl) form.addNested({"images", "0"}, *in.imageUrl);
  form.add("url", in.url);
  // Stripe sorts products by its tax codes alone; any other category is kept in the metadata.
  const std::string_view category = in.category ? std::string_view(*in.category) : "";
  const bool taxCode = category.starts_with("txcd_");
  if (taxCode) form.add("tax_code", category);
  if (auto problem = addMetadata(
          form, in.metadata,
          {{kOperationKey, in.operationId}, {"unigate_category", taxCode ? "" : category}})) {
    return std::move(*problem);
  }
  return post("/v1/products", std::move(form), call, "products.create");
}

sdk::Result<sdk::Product> parseProductCreate(const sdk::HttpResponse& response) {
  return readOne(response, "product", productOf);
}

sdk::Step startProductLookup(Lookup& lookup, const sdk::ProductCreate& in) {
  lookIn(lookup, "/v1/products", "products.list", in.operationId, foundAs<productOf>);
  return startLookup(lookup, {}, in.operationCreatedUnixS);
}

sdk::Result<sdk::HttpRequest> buildProductGet(const sdk::ProviderRef& in) {
  auto path = objectPath("products", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "products.retrieve");
}

sdk::Result<sdk::Product> parseProductGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in) {
  return readOne(response, "product", productOf, in.providerId);
}

sdk::HttpRequest buildProductsList(const sdk::ListQuery& in) {
  return get("/v1/products", listQuery(in).take(), "products.list");
}

sdk::Result<sdk::Page<sdk::Product>> parseProductsList(const sdk::HttpResponse& response) {
  return readPage(response, productOf);
}

}  // namespace stripe
