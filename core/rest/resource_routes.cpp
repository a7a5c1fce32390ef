#include "rest/resource_routes.hpp"

#include <algorithm>
#include <memory>

#include "gateway/documents.hpp"
#include "gateway/kinds.hpp"
#include "rest/lists.hpp"
#include "rest/operations.hpp"

namespace unigate::rest {

namespace {

base::Problem stillProcessing(const std::string& kind, std::string_view what) {
  return {409,
          kind + "_processing",
          "What became of this " + kind + std::string(what) +
              " is still being found out; try again shortly.",
          "id",
          true,
          2,
          {}};
}

// The JSON object with more members.
std::string withMembers(const std::string& object, const std::string& members) {
  if (members.empty()) return object;
  const std::string open = object.substr(0, object.size() - 1);
  return open + (open == "{" ? "" : ",") + members + "}";
}

// Members of an object's text without its braces.
std::string membersOf(json::Writer& object) {
  const std::string text = object.take();
  return text.substr(1, text.size() - 2);
}

const gateway::Kind& kindOf(const ResourceRoutes& resource) {
  return *gateway::findKind(resource.kind);
}

// Fills references of a list's filters: our ids as the provider's. The Problem of an unknown one.
base::Result<std::string> providerFilters(const Call& call, std::string& provider) {
  json::Writer out;
  out.beginObject();
  constexpr std::pair<std::string_view, std::string_view> kReferences[] = {
      {"customer", "customer"},
      {"payment", "payment"},
      {"subscription", "subscription"},
      {"plan_id", "plan"}};
  for (const auto& [name, kind] : kReferences) {
    const auto id = call.queryValue(name);
    if (!id) continue;
    auto row = call.gateway.reader().resourceById(call.tenant.orgId, call.tenant.environment,
                                                  std::string(kind), std::string(*id));
    if (!row) return base::fail(row.error());
    if (!row->has_value() || (*row)->providerId.empty()) {
      return base::fail(422, "unknown_" + std::string(kind),
                        "There is no " + std::string(kind) + " with this id.", std::string(name));
    }
    if (!provider.empty() && provider != (*row)->provider) {
      return base::fail(422, "wrong_provider",
                        std::string(name) + " lives at " + (*row)->provider + ".",
                        std::string(name));
    }
    provider = (*row)->provider;
    out.member(std::string(kind) + "_provider_id", (*row)->providerId);
  }
  for (const char* name : {"to", "from"}) {
    if (const auto value = call.queryValue(name)) out.member(name, *value);
  }
  out.endObject();
  return membersOf(out);
}

// A 409 while the outcome of an earlier operation on the resource is not known: with a lost answer
// it would look as if this request had done what the earlier one did.
std::optional<base::Problem> openOperationOn(const Call& call, const store::ResourceRecord& row) {
  if (row.status != "processing") return std::nullopt;
  store::OperationFilter filter;
  filter.resourceId = row.id;
  filter.state = "unknown";
  filter.limit = 1;
  auto open =
      call.gateway.reader().listOperations(call.tenant.orgId, call.tenant.environment, filter);
  if (!open) return open.error();
  if (open->rows.empty()) return std::nullopt;
  return stillProcessing(row.kind, "");
}

// Filters that only our own records have.
base::Status refuseOwnFilters(const Call& call) {
  for (const auto& [name, value] : call.query) {
    if (name == "status" || name == "reference" || name.rfind("metadata[", 0) == 0) {
      return base::fail(400, "invalid_request",
                        name + " filters our own records; leave it out with source=provider.",
                        name);
    }
  }
  return {};
}

}  // namespace

void createResource(const Call::Ptr& call, const ResourceRoutes& resource) {
  FieldReader fields(call->body.root(), call->request.body);
  Form form = readForm(*call, resource.createFields, fields, true);
  if (resource.createCheck != nullptr && call->body.root().isObject())
    resource.createCheck(fields, call->body.root());
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  auto operation = call->operation(resource.createOperation, resource.kind);
  if (!operation) return call->fail(operation.error());
  if (form.problem) return failOrReplay(call, *operation, *form.problem);
  if (!form.pinned.empty() && !form.provider.empty() && form.pinned != form.provider) {
    return failOrReplay(
        call, *operation,
        {422,
         "wrong_provider",
         "What this request refers to lives at " + form.pinned + ", not at " + form.provider + ".",
         "provider",
         false,
         0,
         {}});
  }
  auto provider = call->gateway.route(call->tenant, std::string(resource.createOperation),
                                      form.provider.empty() ? form.pinned : form.provider);
  if (!provider) return failOrReplay(call, *operation, provider.error());
  operation->creates = true;
  operation->provider = std::move(*provider);
  operation->amount = form.amount;
  operation->currency = form.currency;
  operation->adapterInput = std::move(form.adapterInput);
  operation->client = std::move(form.client);
  run(call, std::move(*operation));
}

void actOnResource(const Call::Ptr& call, const ResourceRoutes& resource, const Action& action,
                   const std::string& id) {
  FieldReader fields(bodyOrEmpty(*call), call->request.body);
  Form form = readForm(*call, action.fields, fields, false);
  if (action.check != nullptr && bodyOrEmpty(*call).isObject())
    action.check(fields, bodyOrEmpty(*call));
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  auto row = call->findResource(std::string(resource.kind), id);
  if (!row) return;
  auto operation = call->operation(action.operation, resource.kind);
  if (!operation) return call->fail(operation.error());
  if (form.problem) return failOrReplay(call, *operation, *form.problem);
  if (row->providerId.empty()) {
    return failOrReplay(call, *operation,
                        stillProcessing(std::string(resource.kind), "'s creation"));
  }
  if (auto open = openOperationOn(*call, *row); open) return failOrReplay(call, *operation, *open);
  if (!form.pinned.empty() && form.pinned != row->provider) {
    return failOrReplay(call, *operation,
                        {422,
                         "wrong_provider",
                         "What this request refers to lives at " + form.pinned + ", this " +
                             row->kind + " at " + row->provider + ".",
                         "",
                         false,
                         0,
                         {}});
  }
  auto provider = call->gateway.route(call->tenant, std::string(action.operation), row->provider);
  if (!provider) return failOrReplay(call, *operation, provider.error());

  json::Writer more;
  more.beginObject().member("provider_id", row->providerId);
  json::Document document;
  json::ReadError error;
  if (!action.told.empty() && document.parse(row->document, error)) {
    for (const auto& [from, to] : action.told) {
      if (!document[from].isNothing()) more.member(to, document[from]);
    }
  }
  more.endObject();
  operation->provider = std::move(*provider);
  operation->amount = form.amount != 0 ? form.amount : row->amount;
  operation->currency = row->currency;
  operation->adapterInput = withMembers(form.adapterInput, membersOf(more));
  operation->client = std::move(form.client);
  operation->target = std::move(*row);
  run(call, std::move(*operation));
}

void listAtProvider(const Call::Ptr& call, std::string_view kind, std::string_view operation,
                    const std::string& provider, const std::string& more) {
  auto page = pageRequest(*call, kProviderCursor);
  if (!page) return call->fail(page.error());
  const auto created = createdRange(*call);
  if (!created) return call->fail(created.error());
  auto routed = call->gateway.route(call->tenant, std::string(operation), provider);
  if (!routed) return call->fail(routed.error());
  json::Writer input;
  input.beginObject().member("limit", static_cast<std::int64_t>(page->limit));
  if (!page->startingAfter.empty()) input.member("starting_after", page->startingAfter);
  if (created->gte > 0) input.member("created_gte", (created->gte + 999) / 1000);
  if (created->lt > 0) input.member("created_lt", (created->lt + 999) / 1000);
  input.endObject();
  gateway::ReadRequest request{call->tenant, std::string(operation), std::move(*routed),
                               withMembers(input.take(), more), call->traceparent};
  call->gateway.listAtProvider(
      std::string(kind), std::move(request), [call](base::Result<gateway::Gateway::Listed> listed) {
        if (!listed) return call->fail(listed.error());
        net::Response response;
        response.headers.emplace_back("Content-Type", "application/json");
        response.body = listBody(listed->documents, listed->hasMore, listed->nextCursor);
        call->send(std::move(response), listed->providerUs);
      });
}

void listResources(const Call::Ptr& call, const ResourceRoutes& resource) {
  const gateway::Kind& kind = kindOf(resource);
  const auto source = call->queryValue("source");
  if (source && *source != "provider" && *source != "gateway") {
    return call->fail(
        {400, "invalid_request", "source must be gateway or provider.", "source", false, 0, {}});
  }
  const bool asks = source ? *source == "provider" : kind.bornAtProvider;
  if (!asks) {
    for (const char* name : {"to", "from"}) {
      if (!call->queryValue(name)) continue;
      return call->fail({400,
                         "invalid_request",
                         std::string(name) + " filters at the provider; add source=provider.",
                         name,
                         false,
                         0,
                         {}});
    }
    return sendResourceList(call, std::string(kind.name), kind.idPrefix, kind.statuses,
                            kind.name == "customer" ? "active" : "");
  }
  if (auto status = refuseOwnFilters(*call); !status) return call->fail(status.error());
  std::string provider(call->queryValue("provider").value_or(""));
  auto more = providerFilters(*call, provider);
  if (!more) return call->fail(more.error());
  listAtProvider(call, kind.name, resource.listOperation, provider, *more);
}

namespace {

void getResource(const Call::Ptr& call, const gateway::Kind& kind) {
  auto row = call->findResource(std::string(kind.name), call->param(0));
  if (!row) return;
  const bool mayHaveMoved = kind.movesByItself && !gateway::isEnd(kind.name, row->status);
  sendResource(call, std::move(*row), mayHaveMoved);
}

}  // namespace

void addResourceRoutes(std::vector<Route>& routes, ResourceRoutes declaration) {
  using Body = Route::Body;
  // Shared by the handlers of its routes, which live as long as the API.
  const auto resource = std::make_shared<const ResourceRoutes>(std::move(declaration));
  const gateway::Kind& kind = kindOf(*resource);
  const std::string collection(kind.collection);
  const std::string_view scope = resource->scope;
  if (!resource->createOperation.empty()) {
    routes.push_back({"POST",
                      collection,
                      scope,
                      "write",
                      Body::required,
                      {"include"},
                      [resource](const Call::Ptr& call) { createResource(call, *resource); }});
  }
  if (resource->lists) {
    std::vector<std::string_view> names = listQueryNames({});
    names.insert(names.end(), resource->filters.begin(), resource->filters.end());
    if (!resource->listOperation.empty()) names.push_back("source");
    routes.push_back({"GET", collection, scope, "read", Body::none, std::move(names),
                      [resource](const Call::Ptr& call) { listResources(call, *resource); }});
  }
  routes.push_back({"GET",
                    collection + "/{id}",
                    scope,
                    "read",
                    Body::none,
                    {"include"},
                    [&kind](const Call::Ptr& call) { getResource(call, kind); }});
  for (const Action& action : resource->actions) {
    const std::string path =
        collection + "/{id}" + (action.suffix.empty() ? "" : "/" + std::string(action.suffix));
    const bool needsBody =
        action.suffix.empty() || std::any_of(action.fields.begin(), action.fields.end(),
                                             [](const FieldSpec& field) { return field.required; });
    const Body body = needsBody               ? Body::required
                      : action.fields.empty() ? Body::none
                                              : Body::optional;
    routes.push_back({action.method,
                      path,
                      scope,
                      "write",
                      body,
                      {"include"},
                      [resource, &action](const Call::Ptr& call) {
                        actOnResource(call, *resource, action, call->param(0));
                      }});
  }
}

}  // namespace unigate::rest
