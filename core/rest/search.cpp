// GET /v1/search: over a tenant's own records, by type and in each type the newest first, or with
// `provider` by the search of that provider.
#include <algorithm>
#include <memory>
#include <set>

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "gateway/kinds.hpp"
#include "rest/call.hpp"
#include "rest/lists.hpp"
#include "rest/search_query.hpp"

namespace unigate::rest {

namespace {

namespace limits = base::limits;
using Kinds = std::vector<const gateway::Kind*>;

base::Problem wrongParameter(std::string detail, const char* param) {
  return {400, "invalid_request", std::move(detail), param, false, 0, {}};
}

bool isSearchable(const gateway::Kind& kind) {
  return kind.hasItems || kind.name == "payment_method";
}

// The names that the query wants: of its type term, else of the parameter `types`.
std::set<std::string, std::less<>> typesAsked(const Call& call, const SearchQuery& query) {
  std::set<std::string, std::less<>> asked;
  std::string_view list = call.queryValue("types").value_or("");
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    asked.insert(std::string(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  if (!query.type.empty()) asked = {query.type};
  return asked;
}

// The kinds that may be looked through: those asked for, in the order of the API's pages. A key
// sees no more by searching than by reading.
base::Result<Kinds> kindsOf(const Call& call, const SearchQuery& query) {
  std::set<std::string, std::less<>> asked = typesAsked(call, query);
  const bool all = asked.empty();
  Kinds kinds;
  std::string known;
  for (const gateway::Kind& kind : gateway::allKinds()) {
    if (!isSearchable(kind)) continue;
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
    if (asked.erase(std::string(kind.name)) == 0 && !all) continue;
    const std::string scope = std::string(kind.name) + "s";
    if (call.principal->allows(scope, "read")) {
      kinds.push_back(&kind);
    } else if (!all) {
      return base::fail(403, "scope_missing", "This key lacks the scope " + scope + ":read.");
    }
  }
  if (!asked.empty()) {
    return base::fail(wrongParameter(
        "There is no type \"" + base::printable(*asked.begin()) + "\"; known are " + known + ".",
        query.type.empty() ? "types" : "q"));
  }
  return kinds;
}

// The kind of an id that was asked for leaves nothing else to look through.
const std::string* ownIdIn(const SearchQuery& query, const Kinds& kinds,
                           const gateway::Kind** kind) {
  const auto named = [&](const std::string& text) {
    const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const gateway::Kind* each) {
      return base::isId(each->idPrefix, text);
    });
    if (found != kinds.end()) *kind = *found;
    return found != kinds.end();
  };
  for (const std::string& text : query.texts) {
    if (named(text)) return &text;
  }
  for (const auto& [field, text] : query.fields) {
    if (field == "id" && named(text)) return &text;
  }
  return nullptr;
}

// One search over our own records, in slices, so that other requests of the loop get their turn.
class OwnSearch : public std::enable_shared_from_this<OwnSearch> {
 public:
  OwnSearch(Call::Ptr call, SearchQuery query, Kinds kinds, std::size_t limit)
      : call_(std::move(call)), query_(std::move(query)), kinds_(std::move(kinds)), limit_(limit) {
    search_.status = query_.status;
    search_.provider = query_.provider;
    search_.currency = query_.currency;
    search_.customer = query_.customer;
    search_.parentId = query_.parent;
    search_.amountMin = query_.amountMin;
    search_.amountMax = query_.amountMax;
    search_.createdGte = query_.createdGte;
    search_.createdLt = query_.createdLt;
    search_.metadata = query_.metadata;
    search_.limit = limits::kListLimitMax;
    search_.rowsMax = limits::kSearchSliceRowsMax;
    for (const std::string& text : query_.texts) search_.inDocument.push_back(asInJson(text));
    for (const auto& [field, text] : query_.fields) {
      search_.inDocument.push_back(asInJson(text));
      if (field == "reference") search_.reference = text;
    }
    const gateway::Kind* only = nullptr;
    if (const std::string* id = ownIdIn(query_, kinds_, &only)) {
      search_.id = *id;
      kinds_ = {only};
    }
  }

  // Goes on where the page before ended: its cursor is the id that was looked at last.
  base::Status startAfter(const std::string& cursor) {
    if (cursor.empty()) return {};
    const auto at = std::find_if(kinds_.begin(), kinds_.end(), [&](const gateway::Kind* kind) {
      return base::isId(kind->idPrefix, cursor);
    });
    if (at == kinds_.end()) {
      return base::fail(wrongParameter("starting_after must be the next_cursor of the page before.",
                                       "starting_after"));
    }
    kinds_.erase(kinds_.begin(), at);
    search_.startingAfter = cursor;
    return {};
  }

  // Looks at the next slice; answers, or comes back later.
  void step() {
    if (kinds_.empty()) return answer(false);
    search_.kind = std::string(kinds_.front()->name);
    auto slice = call_->gateway.reader().searchResources(call_->tenant.orgId,
                                                         call_->tenant.environment, search_);
    if (!slice) return call_->fail(slice.error());
    for (const store::ResourceRecord& row : slice->rows) {
      if (!isMeant(row)) continue;
      if (found_.size() == limit_) return answer(true);
      keep(row);
    }
    slices_ += 1;
    search_.startingAfter = slice->lookedAtTo;
    if (slice->lookedAtTo.empty()) kinds_.erase(kinds_.begin());
    if (kinds_.empty()) return answer(false);
    if (slices_ * limits::kSearchSliceRowsMax >= limits::kSearchRowsMax) {
      // Enough for one request: the client may go on from here. Nothing sorts behind such an id.
      cursor_ = search_.startingAfter.empty()
                    ? std::string(kinds_.front()->idPrefix) + std::string(base::kIdBodyLength, 'z')
                    : search_.startingAfter;
      return answer(true);
    }
    call_->gateway.later([self = shared_from_this()] { self->step(); });
  }

 private:
  bool isMeant(const store::ResourceRecord& row) const {
    // A parent's column holds one of several kinds of ids; the member tells which.
    if (query_.texts.empty() && query_.fields.empty() && query_.parent.empty()) return true;
    json::Document document;
    json::ReadError error;
    if (!document.parse(row.document, error)) return false;
    if (!query_.parent.empty() && document[query_.parentField].stringOr("") != query_.parent) {
      return false;
    }
    return matchesTexts(query_, document.root());
  }

  void keep(const store::ResourceRecord& row) {
    json::Writer out;
    out.beginObject().member("type", row.kind).key("resource").rawJson(row.document);
    out.endObject();
    found_.push_back(out.take());
    cursor_ = row.id;
  }

  void answer(bool more) { call_->send(200, listBody(found_, more, cursor_)); }

  Call::Ptr call_;
  SearchQuery query_;
  Kinds kinds_;  // that are left, the first is being looked through
  std::size_t limit_;
  store::ResourceSearch search_;
  std::vector<std::string> found_;
  std::string cursor_;
  std::size_t slices_ = 0;
};

base::Problem notAtProviders(const std::string& term) {
  return {422,
          "unsupported_search",
          "Providers can't search by " + term + "; leave it out, or leave out provider.",
          "q",
          false,
          0,
          {}};
}

// The adapter's input of search.query.
base::Result<std::string> providerInput(const Call& call, const SearchQuery& query,
                                        std::string& provider) {
  json::Writer out;
  out.beginObject();
  std::string text;
  for (const std::string& each : query.texts) text += (text.empty() ? "" : " ") + each;
  if (!text.empty()) out.member("text", text);
  for (const auto& [field, value] : query.fields) {
    if (field != "email" && field != "phone" && field != "reference") {
      return base::fail(notAtProviders(field));
    }
    out.member(field, value);
  }
  if (!query.parent.empty()) return base::fail(notAtProviders(query.parentField));
  if (!query.provider.empty()) return base::fail(notAtProviders("provider:"));
  if (query.amountMin != query.amountMax) return base::fail(notAtProviders("a range of amounts"));
  if (query.amountMin) out.member("amount", *query.amountMin);
  if (!query.currency.empty()) out.member("currency", query.currency);
  if (!query.status.empty()) out.member("status", query.status);
  if (query.createdGte > 0) out.member("created_gte", (query.createdGte + 999) / 1000);
  if (query.createdLt > 0) out.member("created_lt", (query.createdLt + 999) / 1000);
  if (!query.metadata.empty()) {
    out.key("metadata").beginObject();
    for (const auto& [key, value] : query.metadata) out.member(key, value);
    out.endObject();
  }
  if (!query.customer.empty()) {
    auto row = call.gateway.reader().resourceById(call.tenant.orgId, call.tenant.environment,
                                                  "customer", query.customer);
    if (!row) return base::fail(row.error());
    if (!row->has_value() || (*row)->provider != provider || (*row)->providerId.empty()) {
      return base::fail(422, "unknown_customer",
                        "There is no customer with this id at " + provider + ".", "q");
    }
    out.member("customer_provider_id", (*row)->providerId);
  }
  out.endObject();
  return out.take();
}

void searchAtProvider(const Call::Ptr& call, const SearchQuery& query, const Kinds& kinds) {
  if (kinds.size() != 1) {
    return call->fail(
        wrongParameter("With provider, name one type, such as types=payment.", "types"));
  }
  auto page = pageRequest(*call, kProviderCursor);
  if (!page) return call->fail(page.error());
  auto provider =
      call->gateway.route(call->tenant, "search.query", std::string(*call->queryValue("provider")));
  if (!provider) return call->fail(provider.error());
  auto input = providerInput(*call, query, *provider);
  if (!input) return call->fail(input.error());
  const std::string kind(kinds.front()->name);
  json::Writer more;
  more.beginObject().member("kind", kind).member("limit", static_cast<std::int64_t>(page->limit));
  if (!page->startingAfter.empty()) more.member("starting_after", page->startingAfter);
  more.endObject();
  std::string whole = more.take();
  if (*input != "{}") whole = whole.substr(0, whole.size() - 1) + "," + input->substr(1);
  gateway::ReadRequest request{call->tenant, "search.query", std::move(*provider), std::move(whole),
                               call->traceparent};
  call->gateway.listAtProvider(
      kind, std::move(request), [call, kind](base::Result<gateway::Gateway::Listed> listed) {
        if (!listed) return call->fail(listed.error());
        std::vector<std::string> results;
        for (const std::string& document : listed->documents) {
          json::Writer out;
          out.beginObject().member("type", kind).key("resource").rawJson(document).endObject();
          results.push_back(out.take());
        }
        net::Response response;
        response.headers.emplace_back("Content-Type", "application/json");
        response.body = listBody(results, listed->hasMore, listed->nextCursor);
        call->send(std::move(response), listed->providerUs);
      });
}

void search(const Call::Ptr& call) {
  const auto text = call->queryValue("q");
  if (!text) {
    return call->fail(
        wrongParameter("Say what to look for in q, such as q=status:succeeded or an id.", "q"));
  }
  auto query = parseSearchQuery(*text);
  if (!query) return call->fail(query.error());
  auto kinds = kindsOf(*call, *query);
  if (!kinds) return call->fail(kinds.error());
  if (call->queryValue("provider")) return searchAtProvider(call, *query, *kinds);
  auto page = pageRequest(*call, kProviderCursor);
  if (!page) return call->fail(page.error());
  const auto own =
      std::make_shared<OwnSearch>(call, std::move(*query), std::move(*kinds), page->limit);
  if (auto status = own->startAfter(page->startingAfter); !status) {
    return call->fail(status.error());
  }
  own->step();
}

}  // namespace

void addSearchRoutes(std::vector<Route>& routes) {
  routes.push_back({"GET",
                    "/v1/search",
                    "search",
                    "read",
                    Route::Body::none,
                    {"q", "types", "limit", "starting_after", "provider"},
                    search});
}

}  // namespace unigate::rest
