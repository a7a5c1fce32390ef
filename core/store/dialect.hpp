// What differs between database engines: connecting, transactions, sorting errors, and the few
// expressions without a portable spelling. The store's other files write one SQL for all engines.
// Included only by the store.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "store/database_url.hpp"
#include "store/group_commit_writer.hpp"

namespace soci {
class session;
}

namespace unigate::store {

enum class Access {
  write,       // the writer's connection
  migrate,     // like write; on PostgreSQL the owner's role may use it
  read,        // refuses to write
  checkpoint,  // gives way at once
};

// A fresh connection, set up for its use. SQLite: makes the file (mode 0600) and its folder (0700)
// when absent and `access` may write. PostgreSQL: refuses a server that may lose what it has
// acknowledged and a role that row level security would not hold back. Throws soci_error or
// std::runtime_error.
std::unique_ptr<soci::session> connect(const DatabaseUrl& url, Access access);

namespace dialect {

Engine engineOf(soci::session& session);

// Begins a transaction that writes. SQLite: it holds the right to write from the start, so that it
// can't fail halfway for want of it.
void beginWrite(soci::session& session);
void commit(soci::session& session);
// PostgreSQL: until the transaction ends nobody else migrates.
void lockForMigration(soci::session& session);

// Whose rows the statements of this transaction are about; nothing on SQLite.
void setTenant(soci::session& session, const std::string& tenant);

// A transaction around reads: on PostgreSQL it says whose rows they are about.
void beginRead(soci::session& session, const std::string& tenant);
void endRead(soci::session& session) noexcept;

// False when the server has ended the connection.
bool isConnected(soci::session& session);

// Takes the first audit chain that nobody writes, for as long as the connection lasts.
std::int64_t takeChain(soci::session& session);
// PostgreSQL: takes this one; false while another connection has it.
bool takeChain(soci::session& session, std::int64_t chain);

// Behind a SELECT: keeps the rows from changing until the transaction ends.
std::string forUpdate(Engine engine);

// A condition that `metadata`, a JSON object of texts, has the text parameter `value` under the
// text parameter `key`.
std::string metadataHas(Engine engine, const std::string& key, const std::string& value);

// A condition that the column holds the text that the parameter `pattern` was made of by patternOf,
// upper and lower case of ASCII alike.
std::string holdsText(Engine engine, const std::string& column, const std::string& pattern);
// The text as a pattern: signs that a pattern gives a meaning to stand for themselves.
std::string patternOf(const std::string& text);

bool tableExists(soci::session& session, const std::string& name);

// Sorts the exception in flight, for use inside a catch block. `reason` becomes the engine's
// message without the values of the statement, which may be private.
WriteTransactions::Failure classify(std::string& reason);

}  // namespace dialect

// The two engines' parts; dialect.cpp chooses.
namespace sqlite {
std::unique_ptr<soci::session> connect(const DatabaseUrl& url, Access access);
// Empty when the exception is none of this engine's.
bool classify(const std::exception& error, std::string& reason,
              WriteTransactions::Failure& failure);
}  // namespace sqlite
namespace postgres {
std::unique_ptr<soci::session> connect(const DatabaseUrl& url, Access access);
bool classify(const std::exception& error, std::string& reason,
              WriteTransactions::Failure& failure);
// Runs SQL without parameters in one round trip, several statements at once if need be; the first
// value of the last one's result, the command's tag where it has no rows, or empty.
std::string run(soci::session& session, const std::string& sql);
bool isConnected(soci::session& session);
}  // namespace postgres

}  // namespace unigate::store
