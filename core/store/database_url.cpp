#include "store/database_url.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace unigate::store {

namespace {

tl::unexpected<base::Problem> refuse(std::string detail) {
  return base::fail(400, "bad_store_url", std::move(detail), "store.url");
}

constexpr const char* kForms =
    "the database URL must be \"sqlite:PATH\", e.g. \"sqlite:var/unigate.db\", or"
    " \"postgresql://USER@HOST/DATABASE\"";

bool isLocal(const std::string& host) {
  return host.empty() || host.front() == '/' || host == "localhost" || host == "::1" ||
         host.rfind("127.", 0) == 0;
}

std::string quoted(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

base::Result<DatabaseUrl> parsePostgres(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), &message), &PQconninfoFree);
  if (options == nullptr) {
    PQfreemem(message);  // may quote the URL, which may hold a password
    return refuse("the database URL can't be read; write \"postgresql://USER@HOST/DATABASE\"");
  }
  std::map<std::string, std::string> values;
  for (const auto* each = options.get(); each->keyword != nullptr; ++each) {
    if (each->val != nullptr) values[each->keyword] = each->val;
  }
  if (values["user"].empty() || values["dbname"].empty())
    return refuse(
        "the database URL must name user and database: \"postgresql://USER@HOST/DATABASE\"");
  const std::string host = values["host"];
  if (host.find(',') != std::string::npos)
    return refuse("the database URL must name one host; put a proxy in front of several servers");
  const std::string port = values["port"];
  if (port.find_first_not_of("0123456789") != std::string::npos)
    return refuse("the database URL's port must be a number: \"postgresql://USER@HOST/DATABASE\"");
  if (!isLocal(host)) {
    values.try_emplace("sslmode", "verify-full");
    values.try_emplace("sslrootcert", "/etc/ssl/certs/ca-certificates.crt");
  }
  // An event loop waits for its reads, so no wait for a server that is gone may be long.
  values.try_emplace("connect_timeout", "2");
  values.try_emplace("tcp_user_timeout", "5000");
  values.try_emplace("keepalives_idle", "10");
  values.try_emplace("keepalives_interval", "2");
  values.try_emplace("keepalives_count", "3");
  values["application_name"] = "unigate";
  values["client_encoding"] = "UTF8";
  DatabaseUrl result;
  result.engine = Engine::postgres;
  result.user = values["user"];
  result.path = "postgresql://" + values["user"] + "@" + host +
                (values["port"].empty() ? "" : ":" + values["port"]) + "/" + values["dbname"];
  for (const auto& [name, value] : values) {
    if (!value.empty()) result.connection += name + "=" + quoted(value) + " ";
  }
  return result;
}

}  // namespace

base::Result<DatabaseUrl> parseDatabaseUrl(const std::string& url) {
  const std::string scheme = "sqlite:";
  if (url.rfind("postgresql://", 0) == 0 || url.rfind("postgres://", 0) == 0)
    return parsePostgres(url);
  if (url.rfind(scheme, 0) != 0) return refuse(kForms);
  std::string path = url.substr(scheme.size());
  if (path.rfind("///", 0) == 0) path.erase(0, 2);
  if (path.empty() || path.front() == ':' || path.back() == '/') {
    return refuse(
        "the database URL names no file; write \"sqlite:PATH\", e.g. "
        "\"sqlite:var/unigate.db\"");
  }
  if (path.find_first_of("\"'\\") != std::string::npos) {
    return refuse("the path in \"sqlite:PATH\" must not hold quotes or backslashes");
  }
  return DatabaseUrl{Engine::sqlite, std::move(path), {}, {}};
}

}  // namespace unigate::store
