// /health, /ready, /openapi.json and the docs page: what needs no key.
#include <array>
#include <fstream>
#include <sstream>

#include "rest/call.hpp"
#include "rest/openapi_text.hpp"

namespace unigate::rest {

namespace {

struct DocsFile {
  std::string_view suffix;
  std::string_view type;
};
constexpr std::array kDocsTypes = {
    DocsFile{".html", "text/html; charset=utf-8"},
    DocsFile{".js", "text/javascript; charset=utf-8"}, DocsFile{".css", "text/css; charset=utf-8"},
    DocsFile{".txt", "text/plain; charset=utf-8"}, DocsFile{".svg", "image/svg+xml"}};

void health(const Call::Ptr& call) {
  json::Writer out;
  out.beginObject().member("status", "ok").member("version", UNIGATE_VERSION).endObject();
  call->send(200, out.take());
}

void ready(const Call::Ptr& call) {
  const store::Store& store = call->shared.gateway.store;
  if (!call->shared.ready.load(std::memory_order_acquire)) {
    return call->fail({503, "not_ready", "The gateway is starting or stopping.", "", true, 1, {}});
  }
  if (!store.healthy()) {
    return call->fail({503,
                       "store_unhealthy",
                       "The database can't commit: " + store.unhealthyReason(),
                       "",
                       true,
                       5,
                       {}});
  }
  if (!store.mayDrive()) {
    return call->fail({503,
                       "lease_lost",
                       "This gateway process could not tell the database for a while that it "
                       "lives, so it sends nothing.",
                       "",
                       true,
                       1,
                       {}});
  }
  call->send(200, R"({"status":"ready"})");
}

void openApi(const Call::Ptr& call) {
  static const std::string text = openApiJson();
  call->send(200, text);
}

// A file of the docs directory. `name` holds no slash (the route has one segment), so it can't
// leave the directory.
void docsFile(const Call::Ptr& call, const std::string& name) {
  const std::string& directory = call->shared.docsDirectory;
  std::string_view type;
  for (const DocsFile& each : kDocsTypes) {
    if (name.size() > each.suffix.size() &&
        name.compare(name.size() - each.suffix.size(), each.suffix.size(), each.suffix) == 0) {
      type = each.type;
    }
  }
  const bool plain =
      name.find('/') == std::string::npos && name.find('\0') == std::string::npos && name[0] != '.';
  std::ifstream file;
  if (!directory.empty() && !type.empty() && plain)
    file.open(directory + "/" + name, std::ios::binary);
  if (!file.is_open()) {
    return call->fail(
        {404,
         "not_found",
         directory.empty()
             ? "The docs page is off: set server.docs_directory. The API is described at "
               "/openapi.json."
             : "There is no such file. Build the docs page with core/rest/docs_page/build.",
         "",
         false,
         0,
         {}});
  }
  std::ostringstream content;
  content << file.rdbuf();
  net::Response response;
  response.headers.emplace_back("Content-Type", type);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Cache-Control", "max-age=300");
  response.body = content.str();
  call->send(std::move(response));
}

}  // namespace

void addServiceRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  routes.push_back({"GET", "/health", "", "", Body::none, {}, health});
  routes.push_back({"GET", "/ready", "", "", Body::none, {}, ready});
  routes.push_back({"GET", "/openapi.json", "", "", Body::none, {}, openApi});
  routes.push_back({"GET", "/docs", "", "", Body::none, {}, [](const Call::Ptr& call) {
                      docsFile(call, "index.html");
                    }});
  routes.push_back({"GET", "/docs/{file}", "", "", Body::none, {}, [](const Call::Ptr& call) {
                      docsFile(call, call->param(0));
                    }});
}

}  // namespace unigate::rest
