// A statement that writes rows of one kind. SQLite is in the process: each row goes at once. To
// PostgreSQL each statement is a round trip of the one writing connection, so rows are collected and
// go in one statement, as one JSON parameter. Included only by the store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <unigate/json.hpp>
#include <unordered_map>
#include <utility>

#include "store/columns.hpp"
#include "store/database_url.hpp"
#include "store/statement.hpp"

namespace unigate::store {

// Behind FROM: the rows that were collected, as the table `given`.
template <typename Row>
std::string collectedRows() {
  Row row;
  std::string columns;
  visitColumns(row, [&columns](const char* name, const auto& field) {
    using Field = std::decay_t<decltype(field)>;
    if (!columns.empty()) columns += ", ";
    columns += name;
    columns += std::is_same_v<Field, std::string> ? " TEXT" : " BIGINT";
  });
  return "json_to_recordset(CAST(:collected AS JSON)) AS given (" + columns + ")";
}

// INSERT of such rows, collected or one.
template <typename Row>
std::string insertManySql(Engine engine, const std::string& table) {
  if (engine == Engine::sqlite) return insertSql<Row>(table);
  const std::string columns = columnList<Row>();
  return "INSERT INTO " + table + " (" + columns + ") SELECT " + columns + " FROM " +
         collectedRows<Row>();
}

template <typename Row>
class WriteMany {
 public:
  // What is known of each row that was sent: nothing; whether it was written (SQLite); what the
  // statement returned for it, an id and a number that is not 0.
  enum class Answers { none, written, returned };

  // `sql` takes the row's columns as parameters (SQLite) or collectedRows (PostgreSQL).
  WriteMany(soci::session& session, Engine engine, const std::string& sql,
            Answers answers = Answers::none)
      : collects_(engine == Engine::postgres), answers_(answers), statement_(session, sql) {
    if (answers_ == Answers::returned) statement_.out(answeredId_).out(answered_);
    if (collects_) {
      statement_.in("collected", collected_);
    } else {
      bindAllIn(statement_, row_);
    }
    statement_.ready();
  }

  // `id`: what an answer will name. One row of an id at a time: see has().
  void add(Row row, const std::string& id = {}) {
    row_ = std::move(row);
    if (answers_ != Answers::none) byId_[id] = 0;
    if (!collects_) {
      const auto written = run();
      if (answers_ == Answers::written) byId_[id] = written;
      return;
    }
    json::Writer text;
    text.beginObject();
    visitColumns(row_, [&text](const char* name, auto& field) {
      if constexpr (std::is_same_v<std::decay_t<decltype(field)>, std::string>) withoutNul(field);
      text.member(name, field);
    });
    text.endObject();
    collected_ += collected_.empty() ? '[' : ',';
    collected_ += text.view();
  }

  // Sends what was collected. Throws what the database throws for any of the rows.
  void flush() {
    if (collected_.empty()) return;
    collected_ += ']';
    run();
    collected_.clear();
  }

  bool has(const std::string& id) const { return byId_.count(id) > 0; }

  // The answer for a row that was added and sent, 0 when it was not written. Asked once.
  std::int64_t take(const std::string& id) {
    const auto found = byId_.find(id);
    if (found == byId_.end()) return 0;
    const std::int64_t answer = found->second;
    byId_.erase(found);
    return answer;
  }

  // Forgets what was collected and answered.
  void clear() {
    collected_.clear();
    byId_.clear();
  }

 private:
  // PostgreSQL's texts hold every character but this; what a provider sends may hold it.
  static void withoutNul(std::string& text) {
    constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
    for (auto at = text.find('\0'); at != std::string::npos; at = text.find('\0', at))
      text.replace(at, 1, kReplacement);
  }

  std::int64_t run() {
    if (answers_ != Answers::returned) return statement_.run();
    statement_.forEach([this] { byId_[answeredId_] = answered_; });
    return 0;
  }

  const bool collects_;
  const Answers answers_;
  Row row_;
  std::string collected_;
  std::string answeredId_;
  std::int64_t answered_ = 0;
  Statement statement_;  // after what it is bound to
  std::unordered_map<std::string, std::int64_t> byId_;  // id
};

}  // namespace unigate::store
