// What differs between database engines: connecting, beginning a write, sorting errors, and the few
// expressions without a portable spelling. The store's other files write one SQL for all engines.
// Included only by the store.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "store/group_commit_writer.hpp"

namespace soci {
class session;
}

namespace unigate::store {

// Where a database is. SQLite alone today; the scheme of the URL chooses.
struct DatabaseUrl {
  std::string path;  // of the SQLite file
};

// Reads "sqlite:PATH" or "sqlite:///ABSOLUTE". The problem names the remedy.
base::Result<DatabaseUrl> parseDatabaseUrl(const std::string& url);

enum class Access {
  write,       // the writer's connection, or a migration's
  read,        // refuses to write
  checkpoint,  // gives way at once
};

// A fresh connection, set up for its use. Makes the file (mode 0600) and its folder (0700) when
// absent and `access` is write. Throws soci_error or std::runtime_error.
std::unique_ptr<soci::session> connect(const DatabaseUrl& url, Access access);

namespace dialect {

// Begins a transaction that holds the right to write from the start, so that it can't fail halfway
// for want of it.
inline constexpr const char* kBeginWrite = "BEGIN IMMEDIATE";

// A condition that `metadata`, a JSON object of texts, has the text parameter `value` under the
// text parameter `key`.
std::string metadataHas(const std::string& key, const std::string& value);

// A condition that the column holds the text that the parameter `pattern` was made of by patternOf,
// upper and lower case of ASCII alike.
std::string holdsText(const std::string& column, const std::string& pattern);
// The text as a pattern: signs that a pattern gives a meaning to stand for themselves.
std::string patternOf(const std::string& text);

// "sqlite" or "postgres".
std::string nameOf(soci::session& session);

bool tableExists(soci::session& session, const std::string& name);

// Sorts the exception in flight, for use inside a catch block. `reason` becomes the engine's
// message without the values of the statement, which may be private.
WriteTransactions::Failure classify(std::string& reason);

}  // namespace dialect

}  // namespace unigate::store
