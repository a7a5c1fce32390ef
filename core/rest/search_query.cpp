#include "rest/search_query.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"

namespace unigate::rest {

namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr std::size_t kMetadataTermsMax = 5;

const std::vector<std::string_view> kFields{
    "amount",   "created",     "currency",  "customer", "description", "email",   "id",
    "metadata", "name",        "payment",   "phone",    "plan_id",     "product", "provider",
    "status",   "provider_id", "reference", "type",     "subscription"};

// Members whose text must be the same, and those of which a part is enough.
constexpr std::string_view kSame[] = {"id",     "provider_id",    "reference", "email", "phone",
                                      "number", "bank_reference", "to",        "from",  "vpa"};
constexpr std::string_view kPart[] = {"name", "description", "business_name", "label"};
// Objects inside a document that are looked into.
constexpr std::string_view kInside[] = {"customer", "destination"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

tl::unexpected<base::Problem> refuse(std::string detail) {
  return base::fail(400, "invalid_request", std::move(detail), "q");
}

struct Term {
  std::string field;  // empty: text alone
  std::string key;    // of metadata
  std::string sign;   // ":", ">", ">=", "<", "<="
  std::string value;
  std::string written;  // for messages
};

// Cuts the text into terms.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool atEnd() {
    while (at_ < text_.size() && isSpace(text_[at_])) ++at_;
    return at_ == text_.size();
  }

  base::Result<Term> next() {
    const std::size_t start = at_;
    Term term;
    readField(term);
    auto value = readValue();
    term.written = base::printable(text_.substr(start, at_ - start));
    if (!value) return base::fail(value.error());
    term.value = std::move(*value);
    if (term.value.empty()) {
      return refuse("q: \"" + term.written + "\" says nothing to look for" +
                    (term.field.empty() ? "." : "; write " + term.field + term.sign + "VALUE."));
    }
    return term;
  }

 private:
  static bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  // `field:`, `field>=`, `metadata[key]:`; nothing when it is text alone.
  void readField(Term& term) {
    std::size_t end = at_;
    while (end < text_.size() && ((text_[end] >= 'a' && text_[end] <= 'z') || text_[end] == '_'))
      ++end;
    if (end == at_) return;
    std::string field(text_.substr(at_, end - at_));
    std::string key;
    if (field == "metadata" && end < text_.size() && text_[end] == '[') {
      const std::size_t close = text_.find(']', end);
      if (close == std::string_view::npos) return;
      key = text_.substr(end + 1, close - end - 1);
      end = close + 1;
    }
    const std::string_view rest = text_.substr(end);
    for (const char* sign : {":", ">=", "<=", ">", "<"}) {
      if (rest.substr(0, std::char_traits<char>::length(sign)) != sign) continue;
      term.field = std::move(field);
      term.key = std::move(key);
      term.sign = sign;
      at_ = end + term.sign.size();
      return;
    }
  }

  base::Result<std::string> readValue() {
    std::string value;
    if (at_ >= text_.size() || text_[at_] != '"') {
      while (at_ < text_.size() && !isSpace(text_[at_])) value += text_[at_++];
      return value;
    }
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        if (at_ < text_.size() && !isSpace(text_[at_])) {
          return refuse("q: divide terms by a space, also after \"" + base::printable(value) +
                        "\".");
        }
        return value;
      }
      // \" and \\ stand for themselves.
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    return refuse("q: the quote before \"" + base::printable(value) +
                  "\" is not closed; write \\\" for a quote inside.");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Takes the terms in one by one.
class Reader {
 public:
  base::Status take(const Term& term) {
    if (term.field.empty()) {
      query_.texts.push_back(term.value);
      return {};
    }
    const std::string& field = term.field;
    if (field == "amount") return amount(term);
    if (field == "created") return created(term);
    if (std::find(kFields.begin(), kFields.end(), field) == kFields.end()) return unknown(term);
    if (term.sign != ":") {
      return refuse("q: \"" + term.written + "\": only amount and created can be compared; write " +
                    field + ":VALUE.");
    }
    if (field == "metadata") return metadata(term);
    if (field == "currency") return currency(term);
    if (field == "type") return once(query_.type, term, term.value);
    if (field == "status") return once(query_.status, term, term.value);
    if (field == "provider") return once(query_.provider, term, term.value);
    if (field == "customer") return once(query_.customer, term, term.value);
    if (field == "payment" || field == "subscription" || field == "plan_id" || field == "product") {
      query_.parentField = field;
      return once(query_.parent, term, term.value);
    }
    query_.fields.emplace_back(field, term.value);
    return {};
  }

  SearchQuery done() { return std::move(query_); }

 private:
  static tl::unexpected<base::Problem> unknown(const Term& term) {
    const auto nearest = base::nearestOf(term.field, kFields);
    std::string known;
    for (const std::string_view each : kFields) {
      known +=
          (known.empty() ? "" : ", ") + std::string(each == "metadata" ? "metadata[key]" : each);
    }
    return refuse("q: there is no field \"" + base::printable(term.field) + "\" to search by." +
                  (nearest ? " Did you mean \"" + *nearest + "\"?" : "") + " Known are " + known +
                  "; put text with a colon in quotes.");
  }

  static base::Status once(std::string& target, const Term& term, const std::string& value) {
    if (!target.empty()) {
      return refuse("q: \"" + term.written + "\" is one too many; give it once.");
    }
    target = value;
    return {};
  }

  base::Status amount(const Term& term) {
    std::int64_t value = 0;
    const char* end = term.value.data() + term.value.size();
    const auto [stopped, error] = std::from_chars(term.value.data(), end, value);
    if (error != std::errc() || stopped != end || value < 0 ||
        value == std::numeric_limits<std::int64_t>::max()) {
      return refuse("q: \"" + term.written +
                    "\": an amount is a whole number of minor units, such as amount:1999 for 19.99 "
                    "USD.");
    }
    if (term.sign == ":" || term.sign[0] == '>') {
      const std::int64_t least = term.sign == ">" ? value + 1 : value;
      query_.amountMin = std::max(query_.amountMin.value_or(0), least);
    }
    if (term.sign == ":" || term.sign[0] == '<') {
      const std::int64_t most = term.sign == "<" ? value - 1 : value;
      query_.amountMax = std::min(query_.amountMax.value_or(most), most);
    }
    return {};
  }

  // A day stands for all of it: created:2026-01-01, created>2026-01-01 begins with the next.
  base::Status created(const Term& term) {
    const bool day = term.value.size() == 10;
    const auto at = base::fromRfc3339(day ? term.value + "T00:00:00Z" : term.value);
    if (!at || *at < 0) {
      return refuse("q: \"" + term.written +
                    "\": a time is a day or RFC 3339, such as created>=2026-01-01 or "
                    "created<2026-06-30T12:00:00Z.");
    }
    const std::int64_t after = *at + (day ? kDayMs : 1);
    if (term.sign == ":" || term.sign[0] == '>') {
      const std::int64_t least = term.sign == ">" ? after : *at;
      query_.createdGte = std::max(query_.createdGte, least);
    }
    if (term.sign == ":" || term.sign[0] == '<') {
      const std::int64_t end = std::max<std::int64_t>(term.sign == "<" ? *at : after, 1);
      query_.createdLt = query_.createdLt == 0 ? end : std::min(query_.createdLt, end);
    }
    return {};
  }

  base::Status currency(const Term& term) {
    std::string code = term.value;
    std::transform(code.begin(), code.end(), code.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    const bool good = code.size() == 3 && std::all_of(code.begin(), code.end(),
                                                      [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!good) {
      return refuse("q: \"" + term.written + "\": a currency is a code such as currency:EUR.");
    }
    return once(query_.currency, term, code);
  }

  base::Status metadata(const Term& term) {
    if (term.key.empty() || term.key.find('[') != std::string::npos) {
      return refuse("q: \"" + term.written + "\": metadata is written metadata[key]:value.");
    }
    if (query_.metadata.size() == kMetadataTermsMax) {
      return refuse("q: \"" + term.written + "\" is one too many: at most 5 metadata terms.");
    }
    query_.metadata.emplace_back(term.key, term.value);
    return {};
  }

  SearchQuery query_;
};

// True when a member of this name, here or in an object inside, satisfies `test`.
template <typename Test>
bool anyMember(json::View document, std::string_view name, Test&& test) {
  if (const auto text = document[name].string(); text && test(*text)) return true;
  return std::any_of(std::begin(kInside), std::end(kInside), [&](std::string_view object) {
    const auto text = document[object][name].string();
    return text && test(*text);
  });
}

bool isSame(json::View document, std::string_view name, const std::string& wanted) {
  return anyMember(document, name, [&](std::string_view text) { return lower(text) == wanted; });
}

bool isPart(json::View document, std::string_view name, const std::string& wanted) {
  return anyMember(document, name, [&](std::string_view text) {
    return lower(text).find(wanted) != std::string::npos;
  });
}

}  // namespace

base::Result<SearchQuery> parseSearchQuery(std::string_view text) {
  Scanner scanner(text);
  Reader reader;
  std::size_t terms = 0;
  while (!scanner.atEnd()) {
    auto term = scanner.next();
    if (!term) return base::fail(term.error());
    if (++terms > base::limits::kSearchTermsMax) {
      return refuse("q holds more than " + std::to_string(base::limits::kSearchTermsMax) +
                    " terms.");
    }
    if (auto status = reader.take(*term); !status) return base::fail(status.error());
  }
  if (terms == 0) {
    return refuse("q says nothing to look for; write for example q=status:succeeded or an id.");
  }
  return reader.done();
}

bool matchesTexts(const SearchQuery& query, json::View document) {
  const auto found = [&](const std::string& text) {
    const std::string wanted = lower(text);
    return std::any_of(std::begin(kSame), std::end(kSame),
                       [&](std::string_view name) { return isSame(document, name, wanted); }) ||
           std::any_of(std::begin(kPart), std::end(kPart),
                       [&](std::string_view name) { return isPart(document, name, wanted); });
  };
  if (!std::all_of(query.texts.begin(), query.texts.end(), found)) return false;
  return std::all_of(query.fields.begin(), query.fields.end(), [&](const auto& field) {
    const std::string wanted = lower(field.second);
    if (field.first == "name") {
      return isPart(document, "name", wanted) || isPart(document, "business_name", wanted);
    }
    if (field.first == "description") return isPart(document, "description", wanted);
    if (field.first == "phone") {
      return isSame(document, "phone", wanted) || isSame(document, "to", wanted) ||
             isSame(document, "from", wanted);
    }
    return isSame(document, field.first, wanted);
  });
}

std::string asInJson(const std::string& text) {
  json::Writer out;
  out.value(text);
  const std::string quoted = out.take();
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace unigate::rest
