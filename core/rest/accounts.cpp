// /v1/accounts: accounts of merchants under a platform, and the links that lead their owners to
// the provider.
#include "rest/operations.hpp"
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

// A link is made anew at every request and nothing is stored, so this is no operation.
void makeLink(const Call::Ptr& call, const char* operation, std::span<const FieldSpec> specs) {
  FieldReader fields(bodyOrEmpty(*call), call->request.body);
  const Form form = readForm(*call, specs, fields, false);
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  auto row = call->findResource("account", call->param(0));
  if (!row) return;
  if (row->providerId.empty()) {
    return call->fail({409,
                       "account_processing",
                       "This account is still being created; try again shortly.",
                       "id",
                       true,
                       2,
                       {}});
  }
  auto provider = call->gateway.route(call->tenant, operation, row->provider);
  if (!provider) return call->fail(provider.error());
  json::Writer id;
  id.value(row->providerId);
  std::string input = form.adapterInput;
  input.pop_back();
  input += std::string(input == "{" ? "" : ",") + "\"provider_id\":" + id.take() + "}";
  readAndSend(call, operation, *provider, std::move(input),
              [account = row->id](const std::string& name, bool live, json::View output) {
                json::Writer out;
                out.beginObject()
                    .member("object", "account_link")
                    .member("account", account)
                    .member("provider", name)
                    .member("livemode", live)
                    .member("url", output["url"].stringOr(""))
                    .key("expires_at");
                const auto expires = output["expires_unix_s"].int64();
                expires ? void(out.value(base::toRfc3339(*expires * 1000))) : void(out.null());
                out.endObject();
                return out.take();
              });
}

void onboardingLink(const Call::Ptr& call) {
  static const std::vector<FieldSpec> kFields{{"return_url", FieldIs::url, true},
                                              {"refresh_url", FieldIs::url, true}};
  makeLink(call, "accounts.onboarding_link", kFields);
}

void dashboardLink(const Call::Ptr& call) {
  makeLink(call, "accounts.dashboard_link", {});
}

}  // namespace

void addAccountRoutes(std::vector<Route>& routes) {
  ResourceRoutes resource{"account", "accounts", "accounts.create"};
  resource.createFields = {{"email", FieldIs::email, true},
                           {"phone", FieldIs::phone},
                           {"country", FieldIs::text, false, 2},
                           {"business_name", FieldIs::text, false, 200},
                           {"business_type", FieldIs::text, false, 60},
                           {"contact_name", FieldIs::text, false, 120},
                           {"reference", FieldIs::text, false, 40},
                           {"return_url", FieldIs::url},
                           {"refresh_url", FieldIs::url},
                           {"metadata", FieldIs::metadata}};
  addResourceRoutes(routes, std::move(resource));
  using Body = Route::Body;
  routes.push_back({"POST",
                    "/v1/accounts/{id}/onboarding-link",
                    "accounts",
                    "write",
                    Body::required,
                    {"include"},
                    onboardingLink});
  routes.push_back({"POST",
                    "/v1/accounts/{id}/dashboard-link",
                    "accounts",
                    "write",
                    Body::none,
                    {"include"},
                    dashboardLink});
}

}  // namespace unigate::rest
