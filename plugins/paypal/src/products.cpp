// products.create, .get and .list: the catalog (/v1/catalogs/products). A product of ours has the
// operation's id for its own, so that a lost one can be found.
#include <algorithm>
#include <array>
#include <utility>

#include "errors.hpp"
#include "listing.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

constexpr std::array<std::string_view, 3> kTypes = {"PHYSICAL", "DIGITAL", "SERVICE"};
constexpr std::int64_t kPageSizeMax = 20;

}  // namespace

bool canBeProductId(std::string_view operationId) {
  constexpr std::size_t kCharsMin = 6;
  constexpr std::size_t kCharsMax = 50;
  return operationId.size() >= kCharsMin && operationId.size() <= kCharsMax &&
         objectPath("", operationId, "operation_id");
}

sdk::Result<sdk::Product> productOf(json::View object, bool live) {
  sdk::Product product;
  product.providerId = std::string(object["id"].stringOr(""));
  product.name = std::string(object["name"].stringOr(""));
  if (product.providerId.empty() || product.name.empty()) {
    return sdk::Error::badResponse("PayPal's product has no usable id or name");
  }
  product.description = textOf(object["description"]);
  product.active = true;  // PayPal's catalog has no other products
  product.livemode = live;
  product.createdUnixS = timeOrZero(object["create_time"]);
  return product;
}

sdk::Result<std::string> productBody(const sdk::ProductCreate& in) {
  if (auto bad = tooLong("name", in.name, 127)) return std::move(*bad);
  if (auto bad = tooLong("description", in.description.value_or(""), 256)) return std::move(*bad);
  const std::string category = money::upper(in.category.value_or(""));
  const bool isType = std::find(kTypes.begin(), kTypes.end(), category) != kTypes.end();
  json::Writer out;
  out.beginObject();
  if (canBeProductId(in.operationId)) out.member("id", in.operationId);
  out.member("name", in.name).member("type", isType ? category : std::string("SERVICE"));
  if (!category.empty() && !isType) out.member("category", category);
  memberIf(out, "description", in.description);
  memberIf(out, "image_url", in.imageUrl);
  memberIf(out, "home_url", in.url);
  out.endObject();
  return out.take();
}

sdk::Result<sdk::HttpRequest> buildProductCreate(const sdk::ProductCreate& in,
                                                 const sdk::Call& call) {
  auto body = productBody(in);
  if (!body) return std::move(body).error();
  return post("/v1/catalogs/products", std::move(*body), call.idempotencyKey, "products.create");
}

sdk::Result<sdk::Product> parseProductCreate(const sdk::HttpResponse& response,
                                             const sdk::ProductCreate&, const sdk::Call& call) {
  return readOne<sdk::Product>(response, call, {}, productOf);
}

sdk::Result<sdk::HttpRequest> askProductCreate(const sdk::ProductCreate& in) {
  if (!canBeProductId(in.operationId)) {
    return sdk::Error::unknown(sdk::Category::NotSupported,
                               "this operation's product can't be looked up at PayPal");
  }
  return buildProductGet({in.operationId});
}

sdk::Result<sdk::Product> judgeProductCreate(const sdk::HttpResponse& response,
                                             const sdk::ProductCreate& in, const sdk::Call& call) {
  if (response.status() == 404 && errorOf(response, call).category == sdk::Category::NotFound) {
    return sdk::Error::neverHappened("PayPal has no product of this operation");
  }
  return readOne<sdk::Product>(response, call, in.operationId, productOf);
}

sdk::Result<sdk::HttpRequest> buildProductGet(const sdk::ProviderRef& in) {
  auto path = objectPath("/v1/catalogs/products", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "products.get");
}

sdk::Result<sdk::Product> parseProductGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call) {
  return readOne<sdk::Product>(response, call, in.providerId, productOf);
}

sdk::Result<sdk::HttpRequest> buildProductsList(const sdk::ListQuery& in) {
  auto query = pageQuery(in, kPageSizeMax);
  if (!query) return std::move(query).error();
  return get("/v1/catalogs/products", query->take(), "products.list");
}

sdk::Result<sdk::Page<sdk::Product>> parseProductsList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call) {
  return readPage<sdk::Product>(response, call, "products", in, productOf);
}

}  // namespace paypal
