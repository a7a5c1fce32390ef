#include "stripe/catalog.hpp"
#include "stripe/currencies.hpp"
#include "stripe/documents.hpp"
#include "stripe/operations.hpp"

namespace simulators::stripe {
namespace {

void applyProduct(Call& call, Json& product) {
  setTexts(product, call, {"description", "statement_descriptor", "unit_label", "url", "tax_code"});
  setFlags(product, call, {"active", "shippable"});
  if (call.params.has("name")) product["name"] = std::string(call.params.text("name"));
  if (call.params.has("images")) product["images"] = call.params.list("images");
  product["updated"] = call.now();
}

// Of a form "recurring[interval]=month"; null for a price that is paid once.
Json recurringOf(const Json& given) {
  if (given.empty()) return nullptr;
  return {{"interval", textOf(given, "interval")},
          {"interval_count", integerIn(given, "interval_count", 1)},
          {"meter", textOrNull(textOf(given, "meter"))},
          {"trial_period_days", has(given, "trial_period_days")
                                    ? Json(integerIn(given, "trial_period_days"))
                                    : Json(nullptr)},
          {"usage_type", has(given, "usage_type") ? textOf(given, "usage_type") : "licensed"}};
}

Json newPrice(Call& call, const std::string& product, const std::string& currency,
              const Json& given) {
  auto price = newDocument(call, "price", "price_1", 23);
  price["active"] = true;
  price["product"] = product;
  price["currency"] = currency;
  price["recurring"] = recurringOf(given.value("recurring", Json::object()));
  price["type"] = price["recurring"].is_null() ? "one_time" : "recurring";
  price["tax_behavior"] =
      has(given, "tax_behavior") ? textOf(given, "tax_behavior") : "unspecified";
  const auto decimal = textOf(given, "unit_amount_decimal");
  if (given.contains("unit_amount")) {
    price["unit_amount"] = integerIn(given, "unit_amount");
    price["unit_amount_decimal"] = std::to_string(integerIn(given, "unit_amount"));
  } else if (!decimal.empty()) {
    price["unit_amount_decimal"] = decimal;
    const auto whole = readInteger(decimal);
    price["unit_amount"] = whole ? Json(*whole) : Json(nullptr);
  } else {
    throw invalidParameter("unit_amount",
                           "You must specify either `unit_amount` or `unit_amount_decimal`.",
                           "parameter_missing");
  }
  if (price["unit_amount"].is_number() && integerOf(price, "unit_amount") < 0) {
    throw invalidParameter("unit_amount", "This value must be greater than or equal to 0.",
                           "parameter_invalid_integer");
  }
  return price;
}

Json& addProduct(Call& call, const std::string& id, const std::string& name) {
  auto product = newDocument(call, "product", "prod_", 14);
  if (!id.empty()) {
    if (call.account.kind("product").find(id)) {
      throw invalidState("Product already exists.", "resource_already_exists");
    }
    product["id"] = id;
  }
  product["name"] = name;
  product["active"] = true;
  product["type"] = "service";
  product["updated"] = call.now();
  product["default_price"] = nullptr;
  product["tax_code"] = nullptr;
  return store(call, "product", std::move(product));
}

}  // namespace

std::string priceFromData(Call& call, const Json& data) {
  auto currency = textOf(data, "currency");
  if (!isCurrency(currency))
    throw invalidParameter("price_data[currency]", "Invalid currency: " + currency);
  auto product = textOf(data, "product");
  if (product.empty()) {
    const auto given = data.value("product_data", Json::object());
    if (!has(given, "name")) throw parameterMissing("price_data[product_data][name]");
    product = textOf(addProduct(call, {}, textOf(given, "name")), "id");
  } else {
    namedDocument(call, "product", product, "price_data[product]");
  }
  auto price = newPrice(call, product, currency, data);
  price["metadata"] = Json::object();
  return textOf(store(call, "price", std::move(price)), "id");
}

Answer createProduct(Call& call) {
  auto& product =
      addProduct(call, std::string(call.params.text("id")), std::string(call.params.text("name")));
  applyProduct(call, product);
  if (call.params.has("default_price_data")) {
    const auto data = hashOf(call, "default_price_data");
    auto price = newPrice(call, textOf(product, "id"), textOf(data, "currency"), data);
    price["metadata"] = Json::object();
    product["default_price"] = store(call, "price", std::move(price)).at("id");
  }
  call.event("product.created", product);
  return documentAnswer(call, product);
}

Answer getProduct(Call& call) {
  return documentAnswer(call, pathDocument(call, "product"));
}

Answer updateProduct(Call& call) {
  auto& product = pathDocument(call, "product");
  applyProduct(call, product);
  setMetadata(product, call);
  if (call.params.has("default_price")) {
    product["default_price"] =
        namedDocument(call, "price", std::string(call.params.text("default_price")),
                      "default_price")
            .at("id");
  }
  call.event("product.updated", product);
  return documentAnswer(call, product);
}

Answer deleteProduct(Call& call) {
  auto& product = pathDocument(call, "product");
  for (const auto& price : call.account.kind("price").all()) {
    if (textOf(price, "product") == call.id) {
      throw invalidState(
          "This product cannot be deleted because it has one or more user-created prices.");
    }
  }
  product["_deleted"] = true;
  call.event("product.deleted", product);
  Answer answer;
  answer.body = Json{{"id", call.id}, {"object", "product"}, {"deleted", true}}.dump();
  return answer;
}

Answer listProducts(Call& call) {
  const auto ids = call.params.list("ids");
  return listDocuments(call, "product", [&](const Json& product) {
    if (!ids.empty() && std::find(ids.begin(), ids.end(), textOf(product, "id")) == ids.end()) {
      return false;
    }
    return !call.params.has("active") || flagOf(product, "active") == call.params.flag("active");
  });
}

Answer searchProducts(Call& call) {
  return searchDocuments(call, "product", {"active", "description", "name", "shippable", "url"});
}

Answer createPrice(Call& call) {
  const auto currency = currencyOf(call);
  auto product = std::string(call.params.text("product"));
  if (call.params.has("product_data")) {
    const auto data = hashOf(call, "product_data");
    product = textOf(addProduct(call, textOf(data, "id"), textOf(data, "name")), "id");
  } else if (product.empty()) {
    throw invalidParameter("product",
                           "You must specify either `product` or `product_data` when creating a "
                           "price.",
                           "parameter_missing");
  }
  namedDocument(call, "product", product, "product");
  if (call.params.has("tiers") || call.params.text("billing_scheme") == "tiered") {
    throw invalidParameter("billing_scheme", "Tiered prices are not part of this simulator.");
  }
  auto price = newPrice(call, product, currency, jsonOfParameters(call));
  setTexts(price, call, {"lookup_key", "nickname"});
  setFlags(price, call, {"active"});
  auto& stored = store(call, "price", std::move(price));
  call.event("price.created", stored);
  return documentAnswer(call, stored);
}

Answer getPrice(Call& call) {
  return documentAnswer(call, pathDocument(call, "price", "price"));
}

Answer updatePrice(Call& call) {
  auto& price = pathDocument(call, "price", "price");
  setTexts(price, call, {"lookup_key", "nickname", "tax_behavior"});
  setFlags(price, call, {"active"});
  setMetadata(price, call);
  call.event("price.updated", price);
  return documentAnswer(call, price);
}

Answer listPrices(Call& call) {
  const auto keys = call.params.list("lookup_keys");
  return listDocuments(call, "price", [&](const Json& price) {
    for (const auto* name : {"product", "currency", "type"}) {
      if (call.params.has(name) && textOf(price, name) != call.params.text(name)) return false;
    }
    if (!keys.empty() &&
        std::find(keys.begin(), keys.end(), textOf(price, "lookup_key")) == keys.end()) {
      return false;
    }
    return !call.params.has("active") || flagOf(price, "active") == call.params.flag("active");
  });
}

Answer searchPrices(Call& call) {
  return searchDocuments(call, "price", {"active", "currency", "lookup_key", "product", "type"});
}

}  // namespace simulators::stripe
