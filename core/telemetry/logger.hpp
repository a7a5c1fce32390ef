// Structured logs: one JSON object a line, written by spdlog's own thread. Messages and field names
// are literals and values are typed, so that a body, a header or a secret has no way in by habit;
// every text is masked for card numbers and key-like tokens on top.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace unigate::telemetry {

enum class Level { debug, info, warn, error };

// A text known at compile time: a log message or a field's name.
class Literal {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): log("text", ...) is the point
  consteval Literal(const char* text) : text_(text) {}
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// One value of a line. Borrows its text: use it only as an argument of log().
class Field {
 public:
  enum class Kind { integer, boolean, text };

  static Field integer(Literal name, std::int64_t value) {
    return {name, Kind::integer, value, {}};
  }
  static Field microseconds(Literal name, std::int64_t us) { return integer(name, us); }
  static Field flag(Literal name, bool value) { return {name, Kind::boolean, value ? 1 : 0, {}}; }
  // Our ids and request ids: [A-Za-z0-9_.:-/{} ], at most 80; anything else, and what looks like a
  // key or a card number, is written as "invalid".
  static Field id(Literal name, std::string_view value);
  // A name out of a closed set: an operation, a state, a provider, a route template.
  static Field name(Literal fieldName, std::string_view value) { return id(fieldName, value); }
  // A short explanation (an error's detail, a path). Masked and cut at 512 bytes. Never a body, a
  // header's value or a credential.
  static Field text(Literal name, std::string_view value) { return {name, Kind::text, 0, value}; }

  std::string_view fieldName() const { return name_; }
  Kind kind() const { return kind_; }
  std::int64_t number() const { return number_; }
  std::string_view string() const { return string_; }
  // True for a text that needs no mask because its alphabet was checked.
  bool checked() const { return checked_; }

 private:
  Field(Literal name, Kind kind, std::int64_t number, std::string_view string, bool checked = false)
      : name_(name.text()), kind_(kind), number_(number), string_(string), checked_(checked) {}
  std::string_view name_;
  Kind kind_;
  std::int64_t number_;
  std::string_view string_;
  bool checked_;
};

struct LogSettings {
  Level level = Level::info;
  std::string file;             // empty: stderr; else appended to, created 0600
  std::size_t queueMax = 8192;  // lines waiting for the writer; beyond it the oldest are dropped
};

class Logger {
 public:
  // Throws std::runtime_error with one line when the file can't be opened.
  explicit Logger(const LogSettings& settings);
  // Writes what waits.
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  // [any thread] One line: ts, level, msg, request_id when given, then the fields in order.
  void log(Level level, Literal message, std::string_view requestId,
           std::initializer_list<Field> fields) noexcept;
  void log(Level level, Literal message, std::initializer_list<Field> fields) noexcept {
    log(level, message, {}, fields);
  }
  bool enabled(Level level) const;
  // Waits until what was logged so far is written.
  void flush();
  // Lines lost because the queue was full.
  std::uint64_t dropped() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The line that log() writes, without its newline. `unixMs` is its time.
std::string renderLine(std::int64_t unixMs, Level level, Literal message,
                       std::string_view requestId, std::initializer_list<Field> fields);

// Replaces card numbers, provider keys and tokens ("sk_...", "unf_...", "Bearer ...") by "***".
std::string maskSecrets(std::string_view text);

}  // namespace unigate::telemetry
