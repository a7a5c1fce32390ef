// search.query. Razorpay has no search: its lists are read, with the filters that they take
// (receipt, reference_id, plan, customer, time), and the rest is compared here.
#include <algorithm>
#include <utility>

#include "operations.hpp"

namespace razorpay {

namespace {

using sdk::SearchKind;

// Where a kind of resource is listed and how one is read.
struct Source {
  SearchKind kind;
  std::string_view path;
  bool hasRange;
  std::string_view referenceFilter;  // Razorpay's own, or empty
  std::optional<std::string> (*read)(json::View object, const Context& context);
};

template <auto Read>
std::optional<std::string> resource(json::View object, const Context& context) {
  auto result = Read(object, context);
  if (!result) return std::nullopt;
  return sdk::toJson(*result);
}

constexpr Source kSources[] = {
    {SearchKind::Payment, "/v1/orders", true, "receipt", resource<paymentOfListed>},
    {SearchKind::Refund, "/v1/refunds", true, "", resource<refundOf>},
    {SearchKind::Customer, "/v1/customers", false, "", resource<customerOf>},
    {SearchKind::Plan, "/v1/plans", true, "", resource<planOf>},
    {SearchKind::Subscription, "/v1/subscriptions", true, "", resource<subscriptionOf>},
    {SearchKind::Invoice, "/v1/invoices", true, "", resource<invoiceOf>},
    {SearchKind::PaymentLink, "/v1/payment_links", false, "reference_id", resource<linkOf>},
    {SearchKind::Payout, "/v1/payouts", true, "reference_id", resource<payoutOf>},
    {SearchKind::Dispute, "/v1/disputes", false, "", resource<disputeOf>},
};

const Source* sourceOf(SearchKind kind) {
  for (const Source& source : kSources) {
    if (source.kind == kind) return &source;
  }
  return nullptr;
}

sdk::Step ask(const SearchState& state, const Source& source, const sdk::Call& call) {
  sdk::ListQuery list;
  list.limit = kPageMax;
  list.startingAfter = state.in.startingAfter;
  list.createdGte = state.in.createdGte;
  list.createdLt = state.in.createdLt;
  auto query = listQuery(list, source.hasRange);
  if (!query) return std::move(query).error();
  if (state.byReference) query->add(source.referenceFilter, *state.in.reference);
  if (source.kind == SearchKind::Payment) query->add("expand[]", "payments");
  if (source.kind == SearchKind::Invoice) query->add("customer_id", state.in.customerProviderId);
  if (source.kind == SearchKind::Payout) {
    const std::string_view account = call.setting("account_number");
    if (account.empty()) {
      return sdk::Error::invalidRequest("account_number",
                                        "to search payouts set the credential account_number");
    }
    query->add("account_number", account);
  }
  return get(std::string(source.path), query->take(), call, "search");
}

bool equals(const std::optional<std::string>& wanted, std::initializer_list<json::View> fields) {
  if (!wanted) return true;
  const std::string text = money::lower(*wanted);
  return std::any_of(fields.begin(), fields.end(), [&](json::View field) {
    return field.isString() && money::lower(*field.string()) == text;
  });
}

// True if the text is part of any of the resource's own texts.
bool mentions(const std::optional<std::string>& wanted, json::View resource) {
  if (!wanted) return true;
  const std::string text = money::lower(*wanted);
  for (const json::Member& member : resource.members()) {
    const auto value = member.value.string();
    if (value && money::lower(*value).find(text) != std::string::npos) return true;
  }
  return false;
}

bool fitsTime(const sdk::SearchQuery& in, json::View resource) {
  const std::int64_t created = resource["created_unix_s"].int64Or(0);
  return (!in.createdGte || created >= *in.createdGte) &&
         (!in.createdLt || created < *in.createdLt);
}

bool fits(const sdk::SearchQuery& in, json::View raw, json::View resource) {
  const json::View notes = raw["notes"];
  const json::View first = raw["payments"]["items"][std::size_t{0}];
  const auto hasNote = [&](const auto& item) {
    return resource["metadata"][item.first].stringOr("") == item.second;
  };
  return equals(in.email,
                {resource["email"], resource["customer_email"], raw["customer_details"]["email"],
                 notes["unigate_customer_email"], first["email"]}) &&
         equals(in.phone,
                {resource["phone"], resource["customer_phone"], raw["customer_details"]["contact"],
                 notes["unigate_customer_phone"], first["contact"]}) &&
         equals(in.reference, {resource["reference"], raw["receipt"], raw["reference_id"],
                               notes[kOperationKey]}) &&
         equals(in.customerProviderId, {resource["customer_provider_id"]}) &&
         equals(in.status, {resource["status"]}) && equals(in.currency, {resource["currency"]}) &&
         (!in.amount || resource["amount"].int64() == in.amount) &&
         std::all_of(in.metadata.begin(), in.metadata.end(), hasNote) &&
         mentions(in.text, resource) && fitsTime(in, resource);
}

sdk::Error notUnderstood() {
  return sdk::Error::badResponse("Razorpay's list holds something that can't be understood");
}

}  // namespace

sdk::Step startSearch(SearchState& state, const sdk::SearchQuery& in, const sdk::Call& call) {
  const Source* source = sourceOf(in.kind);
  if (source == nullptr) {
    return sdk::Error::notSupported(
        "kind", "Razorpay has no " + std::string(sdk::wordOf(in.kind)) + " to search for");
  }
  state.in = in;
  state.byReference = in.reference && !source->referenceFilter.empty() && !in.startingAfter;
  return ask(state, *source, call);
}

sdk::Step nextSearch(SearchState& state, const sdk::HttpResponse& response, const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, {}, document)) return std::move(*problem);
  const std::vector<json::View> items = itemsOf(document).items();
  if (!itemsOf(document).isArray()) return notUnderstood();
  const Source& source = *sourceOf(state.in.kind);
  const std::int64_t limit = state.in.limit.value_or(10);
  sdk::Page<sdk::SearchResult> page;
  std::size_t looked = 0;
  for (; looked < items.size(); ++looked) {
    if (static_cast<std::int64_t>(page.data.size()) == limit) break;
    auto text = source.read(items[looked], contextOf(call));
    json::Document resource;
    json::ReadError error;
    if (!text || !resource.parse(*text, error)) return notUnderstood();
    if (!fits(state.in, items[looked], resource.root())) continue;
    page.data.push_back({std::string(sdk::wordOf(state.in.kind)), std::move(*text)});
  }
  // Razorpay's filter knows our own reference; a client's is in the notes, so all is read then.
  if (state.byReference && page.data.empty()) {
    state.byReference = false;
    return ask(state, source, call);
  }
  const bool full = items.size() >= static_cast<std::size_t>(kPageMax);
  page.hasMore = !state.byReference && (looked < items.size() || full);
  if (page.hasMore) {
    page.nextCursor =
        std::to_string(*skipOf(state.in.startingAfter) + static_cast<std::int64_t>(looked));
  }
  return sdk::done(page);
}

}  // namespace razorpay
