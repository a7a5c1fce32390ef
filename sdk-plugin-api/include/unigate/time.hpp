// Times as providers write them, RFC 3339, ISO 8601 and RFC 2822, to and from Unix seconds: exact,
// without locale, time zone of the machine or clock. Used by adapters.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace unigate::timestamp {

// A day of the proleptic Gregorian calendar. Month and day count from 1.
struct Date {
  std::int64_t year = 1970;
  std::int32_t month = 1;
  std::int32_t day = 1;
};

// Days since 1970-01-01, after Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
constexpr std::int64_t daysOf(Date date) {
  const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t ofEra = year - era * 400;
  const std::int64_t monthFromMarch = date.month + (date.month > 2 ? -3 : 9);
  const std::int64_t ofYear = (153 * monthFromMarch + 2) / 5 + date.day - 1;
  return era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719468;
}

// The inverse of daysOf.
constexpr Date dateOf(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t ofEra = days - era * 146097;
  const std::int64_t yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36524 - ofEra / 146096) / 365;
  const std::int64_t ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const std::int64_t monthFromMarch = (5 * ofYear + 2) / 153;
  const auto day = static_cast<std::int32_t>(ofYear - (153 * monthFromMarch + 2) / 5 + 1);
  const auto month =
      static_cast<std::int32_t>(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9);
  return {yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

constexpr bool isLeapYear(std::int64_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// False for a day that no calendar has, such as 30 February.
constexpr bool isValid(Date date) {
  constexpr std::array<std::int32_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (date.month < 1 || date.month > 12 || date.day < 1) return false;
  const std::int32_t leapDay = date.month == 2 && isLeapYear(date.year) ? 1 : 0;
  return date.day <= kDays[static_cast<std::size_t>(date.month - 1)] + leapDay;
}

namespace detail {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kWeekDays = {"Mon", "Tue", "Wed", "Thu",
                                                       "Fri", "Sat", "Sun"};

// Reads a text from the left. After the first thing that is not as asked it is spoilt for good.
class Scanner {
 public:
  constexpr explicit Scanner(std::string_view text) : text_(text) {}

  constexpr bool ok() const { return ok_; }
  constexpr bool done() const { return ok_ && text_.empty(); }
  constexpr bool isDigit() const { return !text_.empty() && digit(text_.front()); }
  constexpr char peek() const { return text_.empty() ? '\0' : text_.front(); }
  constexpr bool skip(char c) {
    if (peek() != c || text_.empty()) return false;
    text_.remove_prefix(1);
    return true;
  }
  constexpr void expect(char c) { ok_ = skip(c) && ok_; }
  constexpr void blanks() {
    while (skip(' ') || skip('\t')) {
    }
  }
  // A number of `min` to `max` digits.
  constexpr std::int32_t number(std::size_t min, std::size_t max) {
    std::int32_t value = 0;
    std::size_t seen = 0;
    for (; seen < max && isDigit(); ++seen) {
      value = value * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    ok_ = ok_ && seen >= min;
    return value;
  }
  // The place of a word of three letters in `words`, in any case.
  template <std::size_t N>
  constexpr std::int32_t wordOf(const std::array<std::string_view, N>& words) {
    for (std::size_t at = 0; at < N; ++at) {
      if (!startsWith(words[at])) continue;
      text_.remove_prefix(words[at].size());
      return static_cast<std::int32_t>(at);
    }
    ok_ = false;
    return 0;
  }
  constexpr bool skipWord(std::string_view word) {
    if (!startsWith(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

 private:
  static constexpr bool digit(char c) { return c >= '0' && c <= '9'; }
  static constexpr char fold(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  constexpr bool startsWith(std::string_view word) const {
    if (text_.size() < word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (fold(text_[i]) != fold(word[i])) return false;
    }
    return true;
  }

  std::string_view text_;
  bool ok_ = true;
};

// "+hh:mm", "+hhmm" or "+hh" in seconds.
constexpr std::int64_t offsetSeconds(Scanner& in) {
  const bool west = in.peek() == '-';
  if (!in.skip('+')) in.expect('-');
  const std::int64_t hours = in.number(2, 2);
  in.skip(':');
  const std::int64_t minutes = in.isDigit() ? in.number(2, 2) : 0;
  if (hours > 23 || minutes > 59) in.expect('\0');
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return west ? -seconds : seconds;
}

struct TimeOfDay {
  std::int32_t hour = 0;
  std::int32_t minute = 0;
  std::int32_t second = 0;
  std::int32_t millisecond = 0;

  // A leap second (60) counts as the first one of the next minute, as in Unix time.
  constexpr bool valid() const { return hour <= 23 && minute <= 59 && second <= 60; }
  constexpr std::int64_t milliseconds() const {
    return ((hour * 60LL + minute) * 60 + second) * 1000 + millisecond;
  }
};

// Digits beyond the thousandth are cut off.
constexpr std::int32_t fraction(Scanner& in) {
  std::int32_t value = in.number(1, 1) * 100;
  if (in.isDigit()) value += in.number(1, 1) * 10;
  if (in.isDigit()) value += in.number(1, 1);
  while (in.isDigit()) in.number(1, 1);
  return value;
}

constexpr std::optional<std::int64_t> together(Date date, TimeOfDay time, std::int64_t offsetS) {
  if (!isValid(date) || !time.valid()) return std::nullopt;
  return daysOf(date) * 86'400'000 + time.milliseconds() - offsetS * 1000;
}

inline void append(std::string& out, std::int64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

constexpr std::int64_t floorDiv(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

inline void appendTime(std::string& out, std::int64_t secondOfDay) {
  append(out, secondOfDay / 3600, 2);
  out += ':';
  append(out, secondOfDay / 60 % 60, 2);
  out += ':';
  append(out, secondOfDay % 60, 2);
}

}  // namespace detail

// Unix milliseconds of an RFC 3339 time or the forms of ISO 8601 beside it that providers use:
// "2018-12-10T21:20:49Z", a fraction, an offset as "+05:30", "-0700" or "+00", a blank instead of
// the T, seconds left out, and a date alone, which is its midnight in UTC. A time without an offset
// reads as UTC. Empty for any other text.
constexpr std::optional<std::int64_t> millisFromIso8601(std::string_view text) {
  detail::Scanner in(text);
  Date date;
  date.year = in.number(4, 4);
  in.expect('-');
  date.month = in.number(2, 2);
  in.expect('-');
  date.day = in.number(2, 2);
  detail::TimeOfDay time;
  std::int64_t offsetS = 0;
  if (in.skip('T') || in.skip('t') || in.skip(' ')) {
    time.hour = in.number(2, 2);
    in.expect(':');
    time.minute = in.number(2, 2);
    if (in.skip(':')) {
      time.second = in.number(2, 2);
      if (in.skip('.') || in.skip(',')) time.millisecond = detail::fraction(in);
    }
    if (!in.skip('Z') && !in.skip('z') && !in.done()) offsetS = detail::offsetSeconds(in);
  }
  if (!in.done()) return std::nullopt;
  return detail::together(date, time, offsetS);
}

// The same in seconds; a fraction is cut off towards the past.
constexpr std::optional<std::int64_t> fromIso8601(std::string_view text) {
  const auto millis = millisFromIso8601(text);
  if (!millis) return std::nullopt;
  return detail::floorDiv(*millis, 1000);
}

// Unix seconds of an RFC 2822 date: "Thu, 30 Jul 2015 20:12:31 +0000". The day of the week may be
// missing (a wrong one is not noticed), as may the seconds; the zone may be "GMT", "UT", "UTC" or
// "Z". Empty for any other text.
constexpr std::optional<std::int64_t> fromRfc2822(std::string_view text) {
  detail::Scanner in(text);
  in.blanks();
  if (!in.isDigit()) {
    in.wordOf(detail::kWeekDays);
    in.expect(',');
    in.blanks();
  }
  Date date;
  date.day = in.number(1, 2);
  in.blanks();
  date.month = in.wordOf(detail::kMonths) + 1;
  in.blanks();
  date.year = in.number(4, 4);
  in.blanks();
  detail::TimeOfDay time;
  time.hour = in.number(2, 2);
  in.expect(':');
  time.minute = in.number(2, 2);
  if (in.skip(':')) time.second = in.number(2, 2);
  in.blanks();
  std::int64_t offsetS = 0;
  if (!in.skipWord("GMT") && !in.skipWord("UTC") && !in.skipWord("UT") && !in.skipWord("Z")) {
    offsetS = detail::offsetSeconds(in);
  }
  in.blanks();
  if (!in.done()) return std::nullopt;
  const auto millis = detail::together(date, time, offsetS);
  if (!millis) return std::nullopt;
  return detail::floorDiv(*millis, 1000);
}

// "2018-12-10T21:20:49Z". Years outside 0000-9999 have no such form and are written with the digits
// that they need.
inline std::string toRfc3339(std::int64_t unixS) {
  const std::int64_t days = detail::floorDiv(unixS, 86400);
  const Date date = dateOf(days);
  std::string out;
  detail::append(out, date.year, 4);
  out += '-';
  detail::append(out, date.month, 2);
  out += '-';
  detail::append(out, date.day, 2);
  out += 'T';
  detail::appendTime(out, unixS - days * 86400);
  out += 'Z';
  return out;
}

// "2018-12-10": the day in UTC.
inline std::string toIsoDate(std::int64_t unixS) {
  return toRfc3339(unixS).substr(0, 10);
}

// "Mon, 10 Dec 2018 21:20:49 +0000".
inline std::string toRfc2822(std::int64_t unixS) {
  const std::int64_t days = detail::floorDiv(unixS, 86400);
  const Date date = dateOf(days);
  const std::int64_t sinceMonday = days + 3 - detail::floorDiv(days + 3, 7) * 7;
  std::string out(detail::kWeekDays[static_cast<std::size_t>(sinceMonday)]);
  out += ", ";
  detail::append(out, date.day, 2);
  out += ' ';
  out += detail::kMonths[static_cast<std::size_t>(date.month - 1)];
  out += ' ';
  detail::append(out, date.year, 4);
  out += ' ';
  detail::appendTime(out, unixS - days * 86400);
  out += " +0000";
  return out;
}

}  // namespace unigate::timestamp
