// Inserts whose outcome nobody waits for within their transaction. SQLite is in the process: a row
// goes at once. To PostgreSQL each statement is a round trip of the one writing connection, so rows
// are collected and go in one statement. Included only by the store.
#pragma once

#include <string>
#include <unigate/json.hpp>

#include "store/columns.hpp"
#include "store/database_url.hpp"
#include "store/statement.hpp"

namespace unigate::store {

template <typename Row>
class InsertMany {
 public:
  InsertMany(soci::session& session, Engine engine, const std::string& table)
      : collects_(engine == Engine::postgres),
        insert_(session, collects_ ? collectedSql(table) : insertSql<Row>(table)) {
    if (collects_) {
      insert_.in("collected", collected_);
    } else {
      bindAllIn(insert_, row_);
    }
    insert_.ready();
  }

  void add(Row row) {
    row_ = std::move(row);
    if (!collects_) {
      insert_.run();
      return;
    }
    json::Writer text;
    text.beginObject();
    visitColumns(row_, [&text](const char* name, const auto& field) { text.member(name, field); });
    text.endObject();
    collected_ += collected_.empty() ? '[' : ',';
    collected_ += text.view();
  }

  // Sends what was collected. Throws what the database throws for any of the rows.
  void flush() {
    if (collected_.empty()) return;
    collected_ += ']';
    insert_.run();
    collected_.clear();
  }

  // Forgets what was collected.
  void clear() { collected_.clear(); }

 private:
  // One parameter, however many rows: the statement is prepared once.
  static std::string collectedSql(const std::string& table) {
    const std::string columns = columnList<Row>();
    return "INSERT INTO " + table + " (" + columns + ") SELECT " + columns +
           " FROM json_populate_recordset(CAST(NULL AS " + table +
           "), CAST(:collected AS JSON))";
  }

  const bool collects_;
  Row row_;
  std::string collected_;
  Statement insert_;  // after what it is bound to
};

}  // namespace unigate::store
