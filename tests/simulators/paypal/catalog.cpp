// Catalog products.
#include "paypal/operations.hpp"
#include "paypal/patch.hpp"

namespace simulators::paypal {
namespace {

constexpr std::string_view kTypes[] = {"PHYSICAL", "DIGITAL", "SERVICE"};

Json linked(const Json& product, const std::string& origin) {
  auto out = shown(product);
  const auto self = origin + "/v1/catalogs/products/" + textOf(product, "id");
  out["links"] = Json::array({link(self, "self"), link(self, "edit", "PATCH")});
  return out;
}

void checkProduct(const Json& product) {
  if (digText(product, "name").empty()) throw missing("/name");
  const auto type = digText(product, "type");
  if (type.empty()) throw missing("/type");
  if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes)) {
    throw invalidRequest("INVALID_PARAMETER_VALUE", "The value of a field is invalid.", "/type",
                         type);
  }
}

ApiAnswer createProduct(Call& call) {
  if (!call.body.is_object()) throw missing("/name");
  checkProduct(call.body);
  auto id = digText(call.body, "id");
  if (id.empty()) id = "PROD-" + call.world.mint("", 17);
  if (id.size() < 6 || id.size() > 50) {
    throw invalidRequest("INVALID_STRING_MAX_LENGTH", "The value of a field is too long.", "/id",
                         id);
  }
  if (call.account.of("products").find(id)) {
    throw unprocessable("DUPLICATE_RESOURCE_IDENTIFIER",
                        "Duplicate resource identifier. Another product with the same `id` "
                        "already exists.",
                        "/id", id);
  }
  Json product = Json::object();
  product["id"] = id;
  take(product, call.body, {"name", "description", "type", "category", "image_url", "home_url"});
  product["create_time"] = call.now();
  product["update_time"] = call.now();
  const auto& stored = call.account.of("products").add(id, std::move(product));
  const auto whole = linked(stored, call.request.origin);
  announce(call.world, call.account, "CATALOG.PRODUCT.CREATED", "product", "A product is created",
           whole, call.request.origin);
  if (call.wantsRepresentation()) return jsonAnswer(201, whole);
  Json out = Json::object();
  take(out, whole, {"id", "name", "description", "create_time", "links"});
  return jsonAnswer(201, out);
}

ApiAnswer listProducts(Call& call) {
  Page page;
  Json list = Json::array();
  for (const auto* product : pageOf(call, call.account.of("products").all(), page, 10, 20)) {
    Json entry = Json::object();
    const auto whole = linked(*product, call.request.origin);
    take(entry, whole, {"id", "name", "description", "create_time", "links"});
    list.push_back(std::move(entry));
  }
  Json out = Json::object();
  if (call.query("total_required") == "true") {
    out["total_items"] = page.total;
    out["total_pages"] = page.pages();
  }
  out["products"] = std::move(list);
  out["links"] = Json::array({link(call.link("/v1/catalogs/products"), "self")});
  return jsonAnswer(200, out);
}

ApiAnswer getProduct(Call& call) {
  return jsonAnswer(200, linked(named(call, "products"), call.request.origin));
}

ApiAnswer updateProduct(Call& call) {
  auto& product = named(call, "products");
  if (!call.body.is_array()) throw missing("/");
  for (const auto& change : call.body) {
    const auto path = digText(change, "path");
    if (path != "/description" && path != "/category" && path != "/image_url" &&
        path != "/home_url" && path != "/name") {
      throw invalidRequest("INVALID_PATCH_PATH", "The specified field cannot be patched.", "/path",
                           path);
    }
  }
  auto changed = product;
  applyPatch(changed, call.body);
  checkProduct(changed);
  changed["update_time"] = call.now();
  product = std::move(changed);
  announce(call.world, call.account, "CATALOG.PRODUCT.UPDATED", "product", "A product is updated",
           linked(product, call.request.origin), call.request.origin);
  return noContent();
}

}  // namespace

void addCatalog(Routes& routes) {
  routes.insert(routes.end(), {{"POST", "/v1/catalogs/products", createProduct},
                               {"GET", "/v1/catalogs/products", listProducts},
                               {"GET", "/v1/catalogs/products/{}", getProduct},
                               {"PATCH", "/v1/catalogs/products/{}", updateProduct}});
}

}  // namespace simulators::paypal
