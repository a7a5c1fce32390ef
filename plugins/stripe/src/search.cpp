// search.query: the search APIs, GET /v1/<kind>/search. They lag behind what is written, so nothing
// that decides about an operation looks here.
#include <algorithm>
#include <array>
#include <utility>

#include "amounts.hpp"
#include "operations.hpp"
#include "payment_intent.hpp"
#include "plans.hpp"
#include "reading.hpp"
#include "subscription.hpp"

namespace stripe {

namespace {

using sdk::SearchKind;
using sdk::SearchQuery;

// What can be searched, and Stripe's names of the fields that the filters of ours become; an empty
// one can't be asked for.
struct Searchable {
  SearchKind kind;
  std::string_view collection;
  std::string_view text;
  std::string_view email;
  std::string_view phone;
  std::string_view customer;
  std::string_view status;
  std::string_view amount;
  std::string_view currency;
};

constexpr std::string_view kEmailMark = "metadata['unigate_customer_email']";
constexpr std::string_view kPhoneMark = "metadata['unigate_customer_phone']";

constexpr std::array kSearchable = {
    Searchable{SearchKind::Payment, "payment_intents", "", kEmailMark, kPhoneMark, "customer",
               "status", "amount", "currency"},
    Searchable{SearchKind::Customer, "customers", "name", "email", "phone", "", "", "", ""},
    Searchable{SearchKind::Product, "products", "name", "", "", "", "", "", ""},
    Searchable{SearchKind::Plan, "prices", "", "", "", "", "", "", "currency"},
    Searchable{SearchKind::Subscription, "subscriptions", "", "", "", "", "status", "", ""},
    Searchable{SearchKind::Invoice, "invoices", "number", "", "", "customer", "status", "total",
               "currency"},
};

const Searchable* searchableOf(SearchKind kind) {
  const auto found = std::find_if(kSearchable.begin(), kSearchable.end(),
                                  [&](const Searchable& one) { return one.kind == kind; });
  return found == kSearchable.end() ? nullptr : &*found;
}

// Text between single quotes of Stripe's query language.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

// Stripe's word for a unified status, where the two differ.
std::string_view stripeStatus(SearchKind kind, std::string_view status) {
  if (kind == SearchKind::Payment && status == "failed") return "requires_payment_method";
  if (kind == SearchKind::Subscription && status == "pending") return "incomplete";
  if (kind == SearchKind::Subscription && status == "expired") return "incomplete_expired";
  return status;
}

// The text of a query, or the first filter that Stripe can't be asked for.
struct Query {
  const Searchable& what;
  std::string text = {};
  std::optional<sdk::Error> problem = std::nullopt;

  // `field` empty: Stripe can't be asked for that.
  void add(std::string_view field, std::string_view sign, const std::string& value,
           std::string_view name) {
    if (field.empty()) {
      refuse(name);
      return;
    }
    if (!text.empty()) text += " AND ";
    text.append(field).append(sign).append(value);
  }
  void equals(std::string_view field, const std::optional<std::string>& value,
              std::string_view name) {
    if (value) add(field, ":", quoted(*value), name);
  }
  void metadata(std::string_view key, std::string_view value) {
    add("metadata[" + quoted(key) + "]", ":", quoted(value), "metadata");
  }
  void refuse(std::string_view name) {
    if (problem) return;
    problem = sdk::Error::notSupported(
        std::string(name),
        "Stripe can't search " + std::string(what.collection) + " by '" + std::string(name) + "'");
  }
};

void addAmount(Query& query, const Searchable& what, const SearchQuery& in) {
  if (!in.amount) return;
  if (!in.currency) {
    query.problem = sdk::Error::invalidRequest("currency", "an amount needs its currency");
    return;
  }
  const auto amount = toStripe(*in.amount, money::upper(*in.currency));
  if (!amount) {
    query.problem = amount.error();
    return;
  }
  query.add(what.amount, ":", std::to_string(*amount), "amount");
}

void addReference(Query& query, const SearchQuery& in) {
  if (!in.reference) return;
  // Our own ids stand for payments that have no reference of the client's.
  const bool ours = in.reference->starts_with("txn_");
  query.metadata(ours ? kOperationKey : kReferenceKey, *in.reference);
}

template <typename T>
std::optional<sdk::Error> addHit(json::View object, std::string_view kind, std::string_view status,
                                 sdk::Result<T> (*read)(json::View),
                                 sdk::Page<sdk::SearchResult>& page) {
  sdk::Result<T> resource = read(object);
  if (!resource) return std::move(resource).error();
  const std::string json = sdk::toJson(*resource);
  if (!status.empty()) {
    // One word of Stripe's may be several of ours.
    json::Document document;
    json::ReadError error;
    if (document.parse(json, error) && document["status"].stringOr("") != status) {
      return std::nullopt;
    }
  }
  page.data.push_back({std::string(kind), json});
  return std::nullopt;
}

std::optional<sdk::Error> addObject(json::View object, const SearchQuery& in,
                                    sdk::Page<sdk::SearchResult>& page) {
  const std::string_view kind = sdk::wordOf(in.kind);
  const std::string_view status = in.status ? std::string_view(*in.status) : "";
  switch (in.kind) {
    case SearchKind::Payment:
      return addHit(object, kind, status, paymentOf, page);
    case SearchKind::Customer:
      return addHit(object, kind, status, customerOf, page);
    case SearchKind::Product:
      return addHit(object, kind, status, productOf, page);
    case SearchKind::Plan:
      return isPlan(object) ? addHit(object, kind, status, planOf, page) : std::nullopt;
    case SearchKind::Subscription:
      return addHit(object, kind, status, subscriptionOf, page);
    case SearchKind::Invoice:
      return addHit(object, kind, status, invoiceOf, page);
    default:
      return sdk::Error::badResponse("no kind that was searched");
  }
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildSearch(const SearchQuery& in) {
  const Searchable* what = searchableOf(in.kind);
  if (what == nullptr) {
    return sdk::Error::notSupported(
        "kind", "Stripe searches payments, customers, products, plans, subscriptions and invoices");
  }
  Query query{*what};
  if (in.status) {
    query.add(what->status, ":", quoted(stripeStatus(in.kind, *in.status)), "status");
  }
  // A part of a name; a number of an invoice is found as a whole.
  const bool part = what->text == "name";
  if (in.text) query.add(what->text, part ? "~" : ":", quoted(*in.text), "text");
  query.equals(what->email, in.email, "email");
  query.equals(what->phone, in.phone, "phone");
  query.equals(what->customer, in.customerProviderId, "customer_provider_id");
  addAmount(query, *what, in);
  if (in.currency) query.add(what->currency, ":", quoted(money::lower(*in.currency)), "currency");
  addReference(query, in);
  for (const auto& [name, value] : in.metadata) query.metadata(name, value);
  if (in.createdGte) query.add("created", ">=", std::to_string(*in.createdGte), "created_gte");
  if (in.createdLt) query.add("created", "<", std::to_string(*in.createdLt), "created_lt");
  if (query.problem) return std::move(*query.problem);
  if (query.text.empty()) {
    return sdk::Error::invalidRequest("text", "say what to look for: at least one filter");
  }
  sdk::FormEncoder form;
  form.add("query", query.text).add("limit", in.limit).add("page", in.startingAfter);
  return get("/v1/" + std::string(what->collection) + "/search", form.take(), "search");
}

sdk::Result<sdk::Page<sdk::SearchResult>> parseSearch(const sdk::HttpResponse& response,
                                                      const SearchQuery& in) {
  json::Document document;
  if (auto problem = readAnswer(response, "search_result", document)) return std::move(*problem);
  const auto hasMore = document["has_more"].boolean();
  if (!document["data"].isArray() || !hasMore) {
    return sdk::Error::badResponse("Stripe's search result has no end");
  }
  sdk::Page<sdk::SearchResult> page;
  for (const json::View object : document["data"].items()) {
    if (auto problem = addObject(object, in, page)) return std::move(*problem);
  }
  page.nextCursor = wordOfField(document["next_page"]);
  page.hasMore = *hasMore && page.nextCursor.has_value();
  if (!page.hasMore) page.nextCursor.reset();
  return page;
}

}  // namespace stripe
