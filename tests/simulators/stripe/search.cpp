// Stripe's search language, as far as equality goes: clauses field:"value" or
// metadata["key"]:"value", joined by AND or by OR.
#include "stripe/search.hpp"

#include "stripe/listing.hpp"
#include "stripe/operations.hpp"
#include "stripe/render.hpp"

namespace simulators::stripe {
namespace {

ApiError malformed(std::string_view why) {
  return invalidParameter("query",
                          "We were unable to parse your search query: " + std::string(why) + ".");
}

class QueryReader {
 public:
  explicit QueryReader(std::string_view text) : text_(text) {}

  SearchQuery read() {
    SearchQuery query;
    query.clauses.push_back(clause());
    bool first = true;
    while (skipBlanks(), !text_.empty()) {
      const bool any = takeWord("OR");
      if (!any && !takeWord("AND")) throw malformed("AND or OR expected");
      if (!first && any != query.any) throw malformed("AND and OR cannot be combined");
      query.any = any;
      first = false;
      query.clauses.push_back(clause());
    }
    return query;
  }

 private:
  void skipBlanks() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
  }
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool takeWord(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  std::string quoted() {
    const char quote = text_.empty() ? ' ' : text_.front();
    if (quote != '\'' && quote != '"') throw malformed("a quoted text is expected");
    text_.remove_prefix(1);
    std::string value;
    while (!text_.empty() && text_.front() != quote) {
      if (text_.front() == '\\' && text_.size() > 1) text_.remove_prefix(1);
      value.push_back(text_.front());
      text_.remove_prefix(1);
    }
    if (!take(quote)) throw malformed("a quote is not closed");
    return value;
  }

  SearchClause clause() {
    skipBlanks();
    SearchClause clause;
    clause.negated = take('-');
    const auto end = std::min(text_.find_first_of(":["), text_.size());
    clause.field = text_.substr(0, end);
    text_.remove_prefix(end);
    if (clause.field == "metadata") {
      if (!take('[')) throw malformed("metadata needs a key");
      clause.metadataKey = quoted();
      if (!take(']')) throw malformed("] expected");
    }
    if (!take(':')) throw malformed("only field:value clauses are understood");
    const bool isQuoted = !text_.empty() && (text_.front() == '\'' || text_.front() == '"');
    if (isQuoted) {
      clause.value = quoted();
    } else {
      const auto length = std::min(text_.find(' '), text_.size());
      clause.value = text_.substr(0, length);
      text_.remove_prefix(length);
    }
    return clause;
  }

  std::string_view text_;
};

// `valueOf(field)` gives the text of a field, or nothing if the object has no such field to search
// by.
template <typename ValueOf>
bool matches(const SearchQuery& query, const Metadata& metadata, ValueOf valueOf) {
  for (const auto& clause : query.clauses) {
    std::optional<std::string> value;
    if (clause.field == "metadata") {
      for (const auto& [key, content] : metadata) {
        if (key == clause.metadataKey) value = content;
      }
    } else {
      value = valueOf(clause.field);
      if (!value) throw malformed("field `" + clause.field + "` is an unsupported search field");
    }
    const bool hit = (value == clause.value) != clause.negated;
    if (hit == query.any) return query.any;
  }
  return !query.any;
}

// The page parameter is the number of hits to skip.
template <typename T, typename Matches, typename Write>
Answer searchAnswer(const Call& call, const Table<T>& table, Matches isHit, Write write) {
  const auto limit = pageSize(call.params);
  const auto skip = readInteger(call.params.has("page") ? call.params.text("page") : "0");
  if (!skip || *skip < 0) throw invalidParameter("page", "Invalid page");
  std::vector<const T*> hits;
  for (auto at = table.size(); at-- > 0;) {
    const auto& object = *table.at(static_cast<Index>(at));
    if (isHit(object)) hits.push_back(&object);
  }
  const auto from = std::min(hits.size(), static_cast<std::size_t>(*skip));
  const auto to = std::min(hits.size(), from + limit);
  JsonWriter json;
  json.beginObject();
  json.field("object", "search_result");
  json.beginArray("data");
  for (auto i = from; i < to; ++i) write(json, *hits[i]);
  json.endArray();
  json.field("has_more", to < hits.size());
  json.textOrNull("next_page", to < hits.size() ? std::to_string(to) : "");
  json.field("url", call.path);
  json.endObject();
  Answer answer;
  answer.body = json.text();
  return answer;
}

}  // namespace

SearchQuery parseQuery(std::string_view text) {
  return QueryReader(text).read();
}

bool queryMatches(const SearchQuery& query, const Metadata& metadata, const FieldText& valueOf) {
  return matches(query, metadata, valueOf);
}

Answer searchPayments(Call& call) {
  const auto query = QueryReader(call.params.text("query")).read();
  const auto& account = call.account;
  return searchAnswer(
      call, account.payments,
      [&](const Payment& payment) {
        return matches(query, payment.metadata,
                       [&](std::string_view field) -> std::optional<std::string> {
                         if (field == "status") return std::string(statusName(payment.status));
                         if (field == "amount") return std::to_string(payment.amount);
                         if (field == "currency") return std::string(text(payment.currency));
                         if (field == "created") return std::to_string(payment.created);
                         if (field == "customer") {
                           return payment.customer == kNone ? std::string()
                                                            : account.customerId(payment.customer);
                         }
                         return std::nullopt;
                       });
      },
      [&](JsonWriter& json, const Payment& payment) {
        writePayment(json, account, payment, &call.expand);
      });
}

Answer searchCustomers(Call& call) {
  const auto query = QueryReader(call.params.text("query")).read();
  return searchAnswer(
      call, call.account.customers,
      [&](const Customer& customer) {
        return !customer.deleted &&
               matches(query, customer.metadata,
                       [&](std::string_view field) -> std::optional<std::string> {
                         if (field == "email") return customer.email;
                         if (field == "name") return customer.name;
                         if (field == "phone") return customer.phone;
                         if (field == "created") return std::to_string(customer.created);
                         return std::nullopt;
                       });
      },
      [&](JsonWriter& json, const Customer& customer) {
        writeCustomer(json, call.account, customer);
      });
}

}  // namespace simulators::stripe
