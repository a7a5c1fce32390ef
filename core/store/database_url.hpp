// Where a database is: read from `store.url` and `store.owner_url`. Included only by the store.
#pragma once

#include <string>

#include "base/result.hpp"

namespace unigate::store {

enum class Engine { sqlite, postgres };

struct DatabaseUrl {
  Engine engine = Engine::sqlite;
  std::string path;        // SQLite: of the file. PostgreSQL: as it may be shown, without a password
  std::string connection;  // PostgreSQL: libpq's keywords and values; may hold a password
  std::string user;        // PostgreSQL
};

// Reads "sqlite:PATH", "sqlite:///ABSOLUTE" or "postgresql://USER@HOST/DATABASE". The problem names
// the remedy. A PostgreSQL server on another machine is spoken to over TLS with its certificate and
// name verified, unless the URL names an sslmode.
base::Result<DatabaseUrl> parseDatabaseUrl(const std::string& url);

}  // namespace unigate::store
